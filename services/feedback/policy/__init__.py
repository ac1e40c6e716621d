"""The decision policy: tuned from outcomes, shown to and pinned by people, and stored."""
