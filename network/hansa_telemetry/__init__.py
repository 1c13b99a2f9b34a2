"""What every process of ours tells of itself: logs as JSON lines, and a Prometheus endpoint of its own."""

from hansa_telemetry.endpoint import MetricsAddressError, serve_metrics
from hansa_telemetry.json_lines import log_as_json

__all__ = ["MetricsAddressError", "log_as_json", "serve_metrics"]
