"""Puts meshes/ and cases/ of the checkout into the wheel, as calfpump/shipped/; everything else is in pyproject.toml."""

from pathlib import Path
from shutil import copytree

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithShippedFiles(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for folder in ("meshes", "cases"):
                copytree(Path(__file__).parent / folder, Path(self.build_lib, "calfpump", "shipped", folder), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithShippedFiles})
