"""Sections: the figures of a workload as a piece of README.md, between two marks."""

from collections.abc import Mapping
from typing import Any

from figures import missing
from workloads import WORKLOADS, Workload


def section(workload: Workload, kept: Mapping[str, Any]) -> str:
    """Everything about one workload: what, where, how, and the tables."""
    about = f"`{kept['command']}`, {kept['turns']} turn{'s' if kept['turns'] > 1 else ''} of each. {on_hardware(kept['hardware'])}"
    if kept["generated"]:
        about += " The files of MNIST were not there: these are generated pictures of the same size."
    parts = [f"### {workload.title}", workload.what, about, workload.show(kept["played"]), missing(kept["played"])]
    return "\n\n".join(part for part in parts if part)


def on_hardware(facts: Mapping[str, Any]) -> str:
    """The machine, and the most that it computed and moved in the same run."""
    if "machine" not in facts:
        return "The machine's own limits could not be measured."
    return (
        f"{facts['machine']}; large products of matrices {facts['float32']:,.0f} GFLOP/s in float32, {facts['bfloat16']:,.0f} in "
        f"bfloat16; memory {facts['bandwidth']:.0f} GB/s."
    )


def put_in(page: str, kept: Mapping[str, Mapping[str, Any]]) -> str:
    """Put the sections of all workloads that were measured where the page has their marks."""
    for name in WORKLOADS:
        if name not in kept:
            continue
        begin, end = f"<!-- speed: {name} -->", f"<!-- end of {name} -->"
        if begin not in page or end not in page:
            raise ValueError(f"README.md has no place for {name!r}. Add the lines {begin} and {end}.")
        before, _, rest = page.partition(begin)
        after = rest.partition(end)[2]
        page = f"{before}{begin}\n{section(WORKLOADS[name], kept[name])}\n{end}{after}"
    return page
