"""Jobs, of which the service has none: notebooks run on people's own servers."""

from conn_core.errors import JobsUnavailable


class JobsElsewhere:
    """Stands where a server has its scheduler, and says who has one."""

    @property
    def runs_as(self) -> str:
        """Say that nobody's jobs run here.

        Raises:
            JobsUnavailable: Always.
        """
        raise JobsUnavailable(
            "This service runs no notebooks: your own Jupyter server does",
            "In JupyterLab, choose Create Notebook Job in the notebook's menu",
        )
