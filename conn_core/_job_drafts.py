"""What people fill in about jobs: a schedule, a grant."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, field_validator

from ._drafts import Draft
from ._names import readable
from ._values import Exposure

#: A grant that nobody remembers must not work for ever.
_LONGEST_GRANT = timedelta(days=366)


class ScheduleDraft(Draft):
    """A notebook to be run by itself.

    Attributes:
        notebook: Its path, in or below the server's root folder.
        cron: Five fields, as cron has them.
        name: What people will read; the notebook's own name when empty.
        timezone: In which the fields are meant.
        parameters: What the notebook is given; never a secret.
    """

    notebook: Annotated[str, Field(min_length=1, max_length=1_000)]
    cron: Annotated[str, Field(min_length=1, max_length=200)]
    name: Annotated[str, Field(max_length=200)] = ""
    timezone: Annotated[str, Field(max_length=80)] = "UTC"
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]

    _name_is_readable = field_validator("name")(readable)


class GrantDraft(Draft):
    """A permission for a job to be made.

    Attributes:
        name: What it is for.
        connections: Link names that it may use, at least one.
        ttl: How long it lives.
        exposure: ``direct`` lets the job have the tokens of its owner's own connections.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    connections: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=600)], ...],
        Field(min_length=1, max_length=100),
    ]
    ttl: Annotated[timedelta, Field(gt=timedelta(0), le=_LONGEST_GRANT)] = timedelta(
        days=30
    )
    exposure: Exposure = "sealed"

    _name_is_readable = field_validator("name")(readable)
