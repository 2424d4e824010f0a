"""Seconds of several runs, as people read them."""

from collections.abc import Sequence
from statistics import median


def print_medians(runs: Sequence[dict[str, float]]) -> None:
    """Print the median of each part, with the least and the most."""
    print(f"median of {len(runs)} runs, in seconds (least to most)")
    for part in runs[0]:
        seconds = sorted(run[part] for run in runs)
        print(f"{part:32} {median(seconds):6.2f}  ({seconds[0]:.2f} to {seconds[-1]:.2f})")
