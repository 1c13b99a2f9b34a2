"""Running a network from day to day: how it is, its certificates, what it uses, backups, its logs."""
