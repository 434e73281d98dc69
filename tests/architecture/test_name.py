"""A file's name says what is in it."""

from tests.architecture.source import FOLDERS, ROOT, name_of

VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def test_no_file_or_folder_has_a_vague_name() -> None:
    seen = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    assert seen
    assert not [name_of(path) for path in seen if path.stem in VAGUE]
