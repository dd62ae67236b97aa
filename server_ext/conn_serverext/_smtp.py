"""Sending one message by SMTP (RFC 5321), with TLS before anything is said."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import TYPE_CHECKING, Final

from conn_core.errors import ProviderUnavailable

if TYPE_CHECKING:
    from ._notify import Mail

_PATIENCE: Final = 15.0
#: With TLS from the first byte (RFC 8314).
_IMPLICIT_TLS: Final = 465


def deliver(mail: "Mail", receiver: str, subject: str, text: str) -> None:
    """Send one message.

    Args:
        mail: The mail server, and from whom.
        receiver: To whom.
        subject: In one line.
        text: The message.

    Raises:
        ProviderUnavailable: If the server does not answer or does not take it.
    """
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, receiver
    message["Subject"] = subject
    message.set_content(text)
    try:
        with _connected(mail) as server:
            password = mail.password()
            if mail.user and password is not None:
                server.login(mail.user, password.reveal())
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise ProviderUnavailable(
            f"The mail server {mail.host} did not take an alert "
            f"({type(error).__name__})",
            "Check c.Connections.notify_smtp",
        ) from None


def _connected(mail: "Mail") -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.port == _IMPLICIT_TLS:
        return smtplib.SMTP_SSL(
            mail.host, mail.port, timeout=_PATIENCE, context=context
        )
    server = smtplib.SMTP(mail.host, mail.port, timeout=_PATIENCE)
    if mail.starttls:
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server
