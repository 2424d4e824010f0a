"""Draw `results/throughput.svg` from `results/figures.json`."""

import json
import statistics
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

RESULTS = Path(__file__).resolve().parent / "results"
AIMS = {"get": 0.5, "list": 0.7}


def main() -> None:
    """Draw the ratios to the limit, each route a panel, with the spread over the rounds."""
    figures = json.loads((RESULTS / "figures.json").read_text())
    figure, panels = plt.subplots(1, len(figures["shots"]), figsize=(12, 3.6), sharey=True)
    for panel, (route, contenders) in zip(panels, figures["shots"].items(), strict=True):
        limit = contenders["raw limit"]
        for place, (name, shots) in enumerate(contenders.items()):
            ratios = [shot["per_second"] / base["per_second"] for shot, base in zip(shots, limit, strict=True)]
            middle = statistics.median(ratios)
            panel.barh(place, middle, xerr=[[middle - min(ratios)], [max(ratios) - middle]], capsize=3)
            panel.text(0.02, place, f"{name}  {middle:.2f}", va="center", fontsize=9)
        if route in AIMS:
            panel.axvline(AIMS[route], color="black", linestyle=":", linewidth=1)
        panel.set_title(route)
        panel.set_xlabel("requests/s, of the raw limit")
        panel.set_yticks([])
        panel.invert_yaxis()
    figure.suptitle(f"{figures['when']}, {figures['machine']}", fontsize=9)
    figure.tight_layout()
    figure.savefig(RESULTS / "throughput.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
