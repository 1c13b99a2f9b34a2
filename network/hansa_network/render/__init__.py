"""The same consortium as files for Docker Compose and for Kubernetes. Generic: knows nothing of trade."""
