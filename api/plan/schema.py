"""The JSON schemas of what `stowline plan` reads and writes, for docs/schemas.

`python -m api.plan.schema` writes them anew.
"""

import json
from pathlib import Path

from pydantic import BaseModel

from api.plan.batch import BatchInput
from api.plan.batch_answer import BatchOutput
from api.plan.route import RouteInput
from api.plan.route_answer import RouteOutput
from api.plan.tour import TourInput, TourOutput
from api.plan.wave import WaveInput, WaveOutput

FOLDER = Path(__file__).resolve().parents[2] / "docs/schemas"
MODELS: dict[str, tuple[type[BaseModel], bool]] = {
    "tour-input": (TourInput, True),
    "tour-output": (TourOutput, False),
    "batch-input": (BatchInput, True),
    "batch-output": (BatchOutput, False),
    "route-input": (RouteInput, True),
    "route-output": (RouteOutput, False),
    "wave-input": (WaveInput, True),
    "wave-output": (WaveOutput, False),
}


def schemas() -> dict[str, str]:
    """The text of each schema by its file's name."""
    return {f"{name}.json": _text(model, read) for name, (model, read) in MODELS.items()}


def _text(model: type[BaseModel], read: bool) -> str:
    made = model.model_json_schema(mode="validation" if read else "serialization")
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    return json.dumps(whole, indent=2) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8")
