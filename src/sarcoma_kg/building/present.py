"""The build that questions are asked of now; made first where there is none."""

from collections.abc import Callable

from sarcoma_kg.building import builds

__all__ = ["built", "plain"]

Say = Callable[[str], None]


def built(say: Say) -> builds.Build:
    """Return the present build, making it first when there is none.

    A build that holds files of the user says so, lest they be taken for the packaged graph.

    Args:
        say: Told in a line what is done, and what is in the build.
    """
    present = builds.current()
    if present is None:
        from sarcoma_kg.building import pipeline

        say("the graph is not built yet, its files have changed, or it is damaged: building")
        present = pipeline.build(_steps(say), extras=builds.extras())[0]
    if extras := builds.extras():
        say(f"with your files: {', '.join(extras)} (`sarcoma-kg build` leaves them out again)")
    return present


def plain(say: Say) -> builds.Build:
    """Return the build of the packaged graph alone, against which the user's files are held.

    The graph that questions are asked of stays as it is.

    Args:
        say: Told in a line what is done.
    """
    if (present := builds.current([])) is not None:
        return present
    from sarcoma_kg.building import pipeline

    return pipeline.build(_steps(say), point=not builds.extras())[0]


def _steps(say: Say) -> Say:
    return lambda words: say(f"  {words} ...")
