"""A runner: jobs of the workflows, step by step, in a clone of a bare repository.

Shell steps run as GitHub's runner has them run (`bash --noprofile --norc -eo pipefail FILE`), in an environment with
nothing of this process's but the way to programs. `actions/checkout` is what it does with git; the composite action's
own steps run too; any other action has to be known here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.workflows.expressions import condition, interpolated

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
LONGEST = 300

Document = Mapping[str, Any]


def workflow(name: str) -> Document:
    """Return a workflow as YAML has it; `on`, which YAML 1.1 takes for a truth, under its own name."""
    read = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
    return {("on" if key is True else key): value for key, value in read.items()}


@dataclass(frozen=True)
class Event:
    """What started a workflow: its name, what the forge says of it, and the ref that is checked out."""

    name: str
    payload: Document
    ref: str = "refs/heads/main"


@dataclass(frozen=True)
class Step:
    """How a step ended (`code` None: it was skipped) and what it said."""

    name: str
    code: int | None
    said: str = ""


@dataclass
class Job:
    """How a job ended."""

    ran: bool = True
    steps: list[Step] = field(default_factory=list)
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(not one.code for one in self.steps)

    @property
    def log(self) -> str:
        """What all steps said."""
        return "".join(one.said for one in self.steps)

    def step(self, name: str) -> Step:
        """Return a step by its name."""
        return next(one for one in self.steps if one.name == name)


@dataclass
class Runner:
    """A machine that takes jobs: its folder, the forge's bare repository, and what the forge is configured with.

    `programs` is a folder that comes first on the PATH; `secrets` are by environment, `machine` is what the runner's
    own `.env` says, and `others` are the forge's other repositories.
    """

    folder: Path
    remote: Path
    programs: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Path] = field(default_factory=dict)
    token: str = field(default="ghs_del-trabajo", repr=False)
    repository: str = "dsct/declaraciones"

    def run(self, name: str, job: str, event: Event, needs: Document | None = None) -> Job:
        """Run one job of a workflow."""
        document = workflow(name)
        return _Running(self, document, document["jobs"][job], event, needs or {}).run()


@dataclass
class _Running:
    runner: Runner
    document: Document
    job: Document
    event: Event
    needs: Document
    steps: dict[str, Document] = field(default_factory=dict)
    done: Job = field(default_factory=Job)
    path: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Path:
        return self.runner.folder / "trabajo"

    @property
    def temp(self) -> Path:
        return self.runner.folder / "temp"

    def run(self) -> Job:
        if "if" in self.job and not condition(self.job["if"], self.context()):
            self.done.ran = False
            return self.done
        for folder in (self.workspace, self.temp):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        (self.runner.folder / "home").mkdir(exist_ok=True)
        (self.runner.folder / "event.json").write_text(json.dumps(self.event.payload), encoding="utf-8")
        (self.runner.folder / "summary").write_text("", encoding="utf-8")
        outer = self._env(self.document.get("env", {}), {})
        outer |= self._env(self.job.get("env", {}), outer)
        for step in self.job["steps"]:
            self._step(step, outer, self.context())
        self.done.summary = (self.runner.folder / "summary").read_text(encoding="utf-8")
        said = self.job.get("outputs", {})
        self.done.outputs = {name: interpolated(value, self.context()) for name, value in said.items()}
        shutil.rmtree(self.temp)
        return self.done

    def context(self) -> dict[str, Any]:
        secrets = self.runner.secrets.get(self.job.get("environment", ""), {})
        github = {
            "event": self.event.payload,
            "event_name": self.event.name,
            "ref": self.event.ref,
            "repository": self.runner.repository,
            "token": self.runner.token,
        }
        return {
            "github": github,
            "runner": {"temp": str(self.temp)},
            "vars": self.runner.variables,
            "secrets": secrets,
            "inputs": self.event.payload.get("inputs") or {},
            "needs": self.needs,
            "steps": self.steps,
            "status": "success" if self.done.ok else "failure",
        }

    def _env(self, declared: Document, outer: Mapping[str, str], context: Document | None = None) -> dict[str, str]:
        return dict(outer) | {
            name: interpolated(_text(value), context or self.context()) for name, value in declared.items()
        }

    def _step(self, step: Document, outer: Mapping[str, str], context: Document) -> None:
        name = str(step.get("name", step.get("uses")))
        context = {**context, "status": "success" if self.done.ok else "failure"}
        if not condition(str(step.get("if", "success()")), context):
            self.done.steps.append(Step(name, None))
        elif "run" in step:
            self._shell(name, step, self._env(step.get("env", {}), outer, context))
        else:
            given = {key: interpolated(_text(value), context) for key, value in step.get("with", {}).items()}
            self._uses(name, step, given, outer)

    def _shell(self, name: str, step: Document, env: Mapping[str, str]) -> None:
        shell = step.get("shell") or self.document["defaults"]["run"]["shell"]
        assert shell == "bash", shell
        assert "${{" not in step["run"], f"{name}: an expression in a script is code"
        files = {one: self.runner.folder / one for one in ("output", "path")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        script = self.runner.folder / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env={**self._surroundings(files), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=LONGEST,
        )
        self.done.steps.append(Step(name, done.returncode, done.stdout))
        self.path = [*files["path"].read_text(encoding="utf-8").splitlines(), *self.path]
        if "id" in step:
            lines = files["output"].read_text(encoding="utf-8").splitlines()
            self.steps[step["id"]] = {"outputs": dict(line.split("=", 1) for line in lines)}

    def _surroundings(self, files: Mapping[str, Path]) -> dict[str, str]:
        folder = self.runner.folder
        return {
            "PATH": ":".join((*self.path, str(self.runner.programs), "/usr/local/bin:/usr/bin:/bin")),
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_PATH": str(files["path"]),
            "GITHUB_REPOSITORY": self.runner.repository,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
            **self.runner.machine,
        }

    def _uses(self, name: str, step: Document, given: Mapping[str, str], outer: Mapping[str, str]) -> None:
        action = step["uses"].partition("@")[0]
        if action.startswith("./"):
            self._composite(step, action, given, outer)
            return
        known: Mapping[str, Callable[[Mapping[str, str]], None]] = {
            "actions/checkout": self._checkout,
            "actions/upload-artifact": self._upload,
        }
        known[action](given)
        self.done.steps.append(Step(name, 0))

    def _composite(self, step: Document, action: str, given: Mapping[str, str], outer: Mapping[str, str]) -> None:
        """Run the steps of the action that the checked-out commit has, each with the inputs and its own outputs."""
        read = yaml.safe_load((self.workspace / action / "action.yml").read_text(encoding="utf-8"))
        inputs = {key: str(one.get("default", "")) for key, one in read["inputs"].items()} | dict(given)
        outside, self.steps = self.steps, {}
        for one in read["runs"]["steps"]:
            assert "run" not in one or one["shell"] == "bash"
            self._step(one, outer, {**self.context(), "inputs": inputs, "secrets": {}})
        context = {**self.context(), "inputs": inputs}
        outputs = {key: interpolated(one["value"], context) for key, one in read.get("outputs", {}).items()}
        self.steps = outside
        if "id" in step:
            self.steps[step["id"]] = {"outputs": outputs}

    def _checkout(self, given: Mapping[str, str]) -> None:
        """Do what `actions/checkout` does: all branches and tags with `fetch-depth: 0`, else one commit alone."""
        assert given.get("persist-credentials") == "false"
        other = given.get("repository")
        remote = self.runner.others[other] if other else self.runner.remote
        folder = self.workspace / given.get("path", ".")
        folder.mkdir(exist_ok=True)
        ref = given.get("ref") or self.event.ref
        branch = ref.removeprefix("refs/heads/")
        git = partial(_git, folder)
        git("init", "--quiet", "--initial-branch=vacia")
        git("remote", "add", "origin", f"file://{remote}")
        if given.get("fetch-depth") == "0":
            git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
        depth = () if given.get("fetch-depth") == "0" else ("--depth=1",)
        git("fetch", "--quiet", *depth, "origin", ref)
        where = ("-B", branch) if branch != ref else ("--detach",)
        git("checkout", "--quiet", *where, "FETCH_HEAD")

    def _upload(self, given: Mapping[str, str]) -> None:
        assert given["if-no-files-found"] == "error"
        self.done.artifacts[given["name"]] = Path(given["path"]).read_bytes()


def _text(value: object) -> str:
    """Return a scalar of a workflow as the runner writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _git(folder: Path, *words: str) -> None:
    env = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(folder), *words], env=env, check=True, capture_output=True)


def programs(folder: Path) -> Path:
    """Return a folder with `cuentas` in it: the command of this working copy, in place of the one of `make env`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "cuentas"
    words = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from reconciler.cli.main import main; main()"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error -c "{words}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder
