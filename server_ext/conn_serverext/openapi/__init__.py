"""The OpenAPI document of our REST, made from the route table and the models."""

from ._document import document, document_text

__all__ = ["document", "document_text"]
