"""The training job on the command line, without queue and dispatcher."""

import json
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

from cnnviz.training.request import Request
from cnnviz.training.worker import run_job


def train(request: Request, folder: Path | None, *, quiet: bool) -> None:
    """Train with a progress bar; the last line is a JSON object with the result.

    Args:
        folder: where weights and results are kept, if they are.
        quiet: that line only.

    Raises:
        TrainingError: the job is refused, or training diverged.
    """
    with tempfile.TemporaryDirectory() as passing:
        bar = tqdm(unit="step", disable=None if not quiet else True, file=sys.stderr)
        with bar:
            for event in run_job(request, folder or Path(passing)):
                if event["kind"] == "step":
                    bar.total = event["steps"]
                    bar.set_postfix(loss=f"{event['loss']:.3f}", refresh=False)
                    bar.update(event["step"] - bar.n)
                elif event["kind"] == "epoch" and not quiet:
                    bar.write(_epoch_line(event), file=sys.stdout)
    result = {name: value for name, value in event.items() if name != "kind"}
    print(json.dumps(result))


def _epoch_line(event: dict) -> str:
    return (
        f"epoch {event['epoch']:g}: train loss {event['train_loss']:.4f} "
        f"accuracy {event['train_accuracy']:.4f}, test loss {event['test_loss']:.4f} "
        f"accuracy {event['test_accuracy']:.4f}, {event['seconds']:.1f} s"
    )
