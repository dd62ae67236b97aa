"""All that an object holds, however deep: what a curious notebook could dig up."""

import gc
import types

#: They lead to the whole program, and belong to nobody.
_NOT_ENTERED = (type, types.ModuleType, types.FrameType, types.CodeType)


def texts_held_by(thing) -> str:
    """Return every text and all bytes that can be reached, also through closures.

    ``Secret`` keeps its text in one: this walk finds it, and so would others.
    """
    waiting, seen, texts = [thing], {}, []
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _NOT_ENTERED):
            continue
        seen[id(each)] = each
        if isinstance(each, str):
            texts.append(each)
        elif isinstance(each, bytes | bytearray):
            texts.append(bytes(each).decode("latin-1"))
        elif isinstance(each, types.FunctionType):
            # Not its globals, which are the module's.
            waiting += [each.__closure__, each.__defaults__, each.__kwdefaults__]
        else:
            waiting += gc.get_referents(each)
    return "\n".join(texts)
