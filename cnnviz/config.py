"""The settings of a server; docs/settings.md is made from these declarations.

The Admin page shows them too, in Chinese from "zh".

A setting is the environment variable CNNVIZ_NAME or, with less weight, a line `name = …` in the
TOML file that CNNVIZ_CONFIG names.
"""

import difflib
import os
import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cnnviz.text import ExplainedError, Text

PREFIX = "CNNVIZ_"
FILE = f"{PREFIX}CONFIG"
_OF_PROCESSES = {FILE, f"{PREFIX}PARENT"}  # variables that are no settings

SECRETS = ("secret", "admin_key")  # settings that nobody is shown


class ConfigError(ExplainedError):
    """Unusable settings; the message names all of them."""


def _listed(value: object) -> object:
    """A list in a variable is written with commas."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _at_home(path: Path) -> Path:
    """A path whose ~ is the user's own directory, which no shell has filled in in a file."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise PydanticCustomError("home", "nobody here has that home directory") from None


Folder = Annotated[Path, AfterValidator(_at_home)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


def _site(text: str) -> str:
    """A site as a browser's policy names it: a scheme, a host, and a port if there is one."""
    if not re.fullmatch(
        r"https?://(\*\.)?[a-z0-9.-]+(:(\d{1,5}|\*))?", text, re.ASCII | re.IGNORECASE
    ):
        raise PydanticCustomError(
            "site", "a site is written as https://moodle.example or https://*.example"
        )
    return text


Sites = Annotated[
    tuple[Annotated[str, AfterValidator(_site)], ...], NoDecode, BeforeValidator(_listed)
]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Gigabytes = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]


class Config(BaseSettings):
    """All settings, checked on reading.

    Raises:
        ValidationError: some settings are wrong; `config` turns this into a sentence.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    data: Folder = Field(
        Path.home() / ".cache" / "cnnviz",
        description="where jobs, weights, results and downloaded data are kept",
        json_schema_extra={"zh": "存放训练任务、权重、结果和下载数据的目录"},
    )
    datasets: Folder | None = Field(
        None,
        description="where data sets are looked for, see data.md; else `datasets` in `data`",
        json_schema_extra={
            "zh": "查找数据集的目录（见 data.md）；未设置时为 `data` 下的 `datasets`"
        },
    )
    secret: str | None = Field(
        None,
        min_length=16,
        repr=False,
        description="signs the cookie that says whose a job is; else a file in `data`",
        json_schema_extra={"zh": "为标识训练任务所有者的 cookie 签名；未设置时用 `data` 中的文件"},
    )

    dispatcher: Literal["app", "separate"] = Field(
        "app",
        description="`app`: the app starts the dispatcher of jobs; `separate`: somebody else does",
        json_schema_extra={"zh": "`app`：由应用启动任务调度器；`separate`：由他人启动"},
    )
    backend: Literal["local", "ray"] = Field(
        "local",
        description="where jobs run: `local` processes, or Ray tasks, see training.md",
        json_schema_extra={"zh": "训练任务运行的位置：`local` 进程或 Ray 任务，见 training.md"},
    )
    slots: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="jobs that run at one time; else 2 for each GPU, or 2 on a machine without",
        json_schema_extra={
            "zh": "同时运行的训练任务数；未设置时每个 GPU 2 个，没有 GPU 的机器 2 个"
        },
    )
    per_owner: int = Field(
        3,
        ge=1,
        le=1000,
        description="jobs of one owner that wait or run",
        json_schema_extra={"zh": "每个所有者等待或运行的训练任务数上限"},
    )
    per_address: int = Field(
        60,
        ge=1,
        le=100_000,
        description="jobs from one computer, or one network behind one address, that wait or run",
        json_schema_extra={"zh": "来自同一电脑（或共用一个地址的网络）等待或运行的训练任务数上限"},
    )
    address_hours: float = Field(
        4,
        gt=0,
        le=10_000,
        description="hours that those jobs may be predicted to take, one after the other",
        json_schema_extra={"zh": "这些任务依次运行的预计总时长上限（小时）"},
    )
    in_all: int = Field(
        200,
        ge=1,
        le=100_000,
        description="jobs that wait or run",
        json_schema_extra={"zh": "全部等待或运行的训练任务数上限"},
    )
    heartbeat: Seconds = Field(
        120,
        description="seconds without a report and without CPU time after which a job is ended",
        json_schema_extra={"zh": "训练任务既无报告也不占用 CPU 多少秒后被结束"},
    )
    evaluation: Seconds = Field(
        120,
        description="seconds that a job may go on after its recipe's time limit or a Stop",
        json_schema_extra={"zh": "超过训练配置的时间上限或被停止后训练任务还可继续的秒数"},
    )
    job_memory: Gigabytes | None = Field(
        None,
        description="GB of main memory that one job may hold; else half of what there is",
        json_schema_extra={"zh": "单个训练任务可占用的主内存（GB）；未设置时为总量的一半"},
    )
    job_gpu_memory: Gigabytes | None = Field(
        None,
        description="GB of a GPU's memory that one job may hold; else what is free",
        json_schema_extra={"zh": "单个训练任务可占用的 GPU 显存（GB）；未设置时为空闲显存"},
    )
    keep_days: float = Field(
        0,
        ge=0,
        le=36_500,
        description="days after which an ended run is deleted with its files; 0: never",
        json_schema_extra={"zh": "已结束的训练任务及其文件保留的天数；0：永久保留"},
    )
    owner_disk: Gigabytes = Field(
        5,
        description="GB that the ended runs of one owner may hold before another job is taken",
        json_schema_extra={"zh": "每个所有者已结束的训练可占用的磁盘空间（GB），超过则不接受任务"},
    )
    address_disk: Gigabytes = Field(
        50,
        description="GB that the ended runs from one computer or network may hold, likewise",
        json_schema_extra={"zh": "来自同一电脑或网络的已结束训练可占用的磁盘空间（GB），同上"},
    )
    disk_free: float = Field(
        1,
        ge=0,
        le=100_000,
        description="GB that must be free on the data directory's disk before a job is taken",
        json_schema_extra={"zh": "接受训练任务前数据目录所在磁盘须有的剩余空间（GB）"},
    )

    live_deadline: Seconds = Field(
        10,
        description="seconds that one run of a live network may take",
        json_schema_extra={"zh": "实时网络一次运行的时限（秒）"},
    )
    live_memory: Gigabytes = Field(
        1,
        description="GB of live networks that are kept between two runs",
        json_schema_extra={"zh": "两次运行之间保留的实时网络的内存（GB）"},
    )

    page_memory: Gigabytes = Field(
        0.2,
        description="GB of reports, drawings and tables that are kept for all pages",
        json_schema_extra={"zh": "为所有页面保留的分析结果、图和表格的内存（GB）"},
    )

    login: Literal["open", "oidc", "proxy"] = Field(
        "open",
        description="`open`: nobody does; `oidc`: by `st.login`; `proxy`: a proxy says who",
        json_schema_extra={
            "zh": "`open`：无需登录；`oidc`：通过 `st.login` 登录；`proxy`：由代理告知身份"
        },
    )
    proxy_header: str = Field(
        "X-Forwarded-User",
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="the header in which the proxy names the user",
        json_schema_extra={"zh": "代理写入用户名的请求头"},
    )
    proxy_networks: Networks = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="networks whose header is believed, with commas between them",
        json_schema_extra={"zh": "其请求头可信的网络，以逗号分隔"},
    )
    admins: Names = Field(
        (),
        description="users who see the Admin page, with commas between them",
        json_schema_extra={"zh": "可见管理页面的用户，以逗号分隔"},
    )

    admin_key: str | None = Field(
        None,
        min_length=16,
        repr=False,
        description="who types it sees the Admin page, in an open lab too; else `admins` alone",
        json_schema_extra={"zh": "输入它即可使用管理页面（开放实验室亦可）；未设置时仅限 `admins`"},
    )

    frame_ancestors: Sites = Field(
        (),
        description="sites whose pages may hold cnnviz in a frame, such as an LMS, see server.md",
        json_schema_extra={"zh": "可在框架中嵌入 cnnviz 的网站（如教学平台），见 server.md"},
    )

    log: Literal["text", "json"] = Field(
        "text",
        description="how the log is written, to standard error",
        json_schema_extra={"zh": "写到标准错误的日志格式"},
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65_535,
        description="port for Prometheus; 0: none",
        json_schema_extra={"zh": "Prometheus 端口；0：不提供"},
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get(FILE)
        files = [TomlConfigSettingsSource(settings_cls, Path(file))] if file else []
        return (init_settings, env_settings, *files)


def config() -> Config:
    """The settings of this process.

    Raises:
        ConfigError: some of them cannot be used, or the file is not there or is no TOML.
    """
    return _read(tuple(sorted(pair for pair in os.environ.items() if pair[0].startswith(PREFIX))))


def meaning(name: str) -> Text:
    """Return the purpose of the named setting."""
    field = Config.model_fields[name]
    chinese = cast(dict[str, str], field.json_schema_extra)["zh"]
    return Text(cast(str, field.description), chinese)


@lru_cache(maxsize=8)
def _read(variables: tuple[tuple[str, str], ...]) -> Config:
    known = {f"{PREFIX}{name.upper()}" for name in Config.model_fields} | _OF_PROCESSES
    problems = [_unknown(name, known) for name, _ in variables if name not in known]
    file = dict(variables).get(FILE)
    if file and not Path(file).is_file():
        problems.append(f"{FILE} is {file!r}, which is no file.")
    try:
        read = Config()
    except ValidationError as error:
        problems += [_sentence(**problem) for problem in error.errors()]
    except (OSError, ValueError) as error:
        problems.append(f"{file} cannot be read: {error}.")
    if not problems:
        return read
    message = Text("The settings cannot be used. {problems}", "设置无法使用。{problems}")
    raise ConfigError(message.format(problems=" ".join(problems)))


def _unknown(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"{name} is no setting{f'; {close[0]} is' if close else ''}."


def _sentence(loc: tuple[int | str, ...], msg: str, input: object, type: str, **_: object) -> str:
    name = f"{PREFIX}{str(loc[0]).upper()}"
    shown = "given" if loc[0] in SECRETS else repr(str(input)[:60])
    if type == "extra_forbidden":
        return _unknown(name, {f"{PREFIX}{known.upper()}" for known in Config.model_fields})
    return f"{name} is {shown}; {msg[0].lower()}{msg[1:]}."
