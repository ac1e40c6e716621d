"""What is watched, as code: Grafana's dashboards, and Prometheus' recording rules and alerts.

`python -m deploy.monitoring write` makes the files that Grafana and Prometheus read from what
stands here; `check` says whether they still agree.
"""
