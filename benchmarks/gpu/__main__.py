"""All that a GPU has to show, in under twelve minutes and one Markdown file.

    python -m benchmarks.gpu [--only SECTION …] [-o FILE]

Each section has a process and a time of its own, and what it says is written before the next one
begins. The memory of the GPU is used to its end for a moment: nobody else should be computing on
it. Exits with 1 if something failed or was not done.
"""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.gpu.report import closing, document
from benchmarks.gpu.section import Section, run

DEVICE = "cuda:0"
WRITTEN = Path(__file__).parents[2] / "docs" / "gpu.md"
SECTIONS = (
    Section(
        "benchmarks.gpu.live",
        "Every preset live",
        "Built on the GPU and run on one image, the fastest of a few passes. The peak is what the "
        "allocator held for weights, activations and workspaces. An op whose shape is not the "
        "counted one fails its preset.",
        seconds=90,
    ),
    Section(
        "benchmarks.gpu.memory",
        "Training memory",
        "The first steps of a job on random images, with SGD. Counted: weights, gradients, "
        "optimiser and what autograd saves. Estimate: what a job must have free to begin. Peak: "
        "the most that the allocator held, workspaces included. An estimate that is further from "
        "the peak than a fifth of it and 256 MB fails its preset.",
        seconds=60,
    ),
    Section(
        "benchmarks.gpu.speed",
        "Ways of training",
        "Random images, each way in the same loop, with SGD. job: the step of a training job with "
        "mixed precision and channels_last, which is replayed as a CUDA graph from its fourth on. "
        "Compiled takes up to a minute to begin, and is left out where it takes longer.",
        seconds=120,
    ),
    Section(
        "benchmarks.gpu.peak",
        "Peaks",
        "The most of two: a product of square matrices, and a copy, whose reading and writing both "
        "count. fp32 is what convolutions compute in, TF32.",
        seconds=25,
    ),
    Section(
        "benchmarks.gpu.layers",
        "Layer by layer",
        "Twelve presets op by op. forward: the pass as it is, from an idle GPU to an idle one, "
        "beside the sum of the times measured op by op; one that is further off than 15 % fails "
        "its preset. kernels: what the GPU computes for it, without waiting for the CPU. backward: "
        "in training mode, with its ops' sum in parentheses. TFLOP/s: two for each MAC of the pass "
        "forward, and their share of the peak. bound: launch, where the kernels take less than "
        "half of an op's time; else compute or memory, by the op's operations a byte.",
        seconds=180,
    ),
    Section(
        "benchmarks.gpu.faults",
        "What may go wrong",
        "Provoked in jobs, each in a process of its own.",
        seconds=45,
    ),
    Section(
        "benchmarks.gpu.demos",
        "Demos",
        "Planned for 20 s each, on Fashion-MNIST (6,000 images), with the speed of this GPU as "
        "measured now, and then run as a job, in a process of its own; no run corrects what is "
        "expected of the next.",
        seconds=150,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=WRITTEN, metavar="FILE")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=[section.name for section in SECTIONS],
        help="sections to measure, in place of all",
    )
    options = parser.parse_args()
    output = options.output
    if not torch.cuda.is_available():
        sys.exit("PyTorch finds no GPU here; run this on a machine with an NVIDIA GPU.")
    machine, parts = _machine(), []
    try:
        output.write_text(document(machine, parts), encoding="utf-8")
    except OSError as error:
        parser.error(f"{output} cannot be written ({error.strerror}); name another file with -o.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["CNNVIZ_DATA"] = folder  # where nothing is known of this GPU's speed
        os.environ["TMPDIR"] = folder  # what a section that is stopped leaves is deleted, too
        for section in SECTIONS:
            if options.only and section.name not in options.only:
                continue
            outcome = run(section, DEVICE)
            parts.append((section, outcome))
            output.write_text(document(machine, parts), encoding="utf-8")
            print(f"{section.title}: {closing(outcome)}", flush=True)
    sys.exit(not all(outcome.as_expected for _, outcome in parts))


def _machine() -> str:
    gpu = torch.cuda.get_device_properties(DEVICE)
    software = f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}"
    python = f"Python {platform.python_version()}"
    return f"{gpu.name}, {gpu.total_memory / 1e9:.0f} GB, {software}, {python}"


if __name__ == "__main__":
    main()
