"""Addresses of a message as GMime reads them, by its shared library; `available` tells whether it is there."""

import ctypes

FIELDS = {"from": 1, "to": 3, "cc": 4, "bcc": 5}  # GMimeAddressType, of which Sender is 0 and Reply-To 2


def _load():
    try:
        return ctypes.CDLL("libgmime-3.0.so.0"), ctypes.CDLL("libgobject-2.0.so.0")
    except OSError:
        return None


_libraries = _load()
available = _libraries is not None

if available:
    _gmime, _gobject = _libraries

    def _function(name, result, *arguments, library=_gmime):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        return function

    _pointer, _text, _number, _size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
    _stream = _function("g_mime_stream_mem_new_with_buffer", _pointer, _text, _size)
    _parser = _function("g_mime_parser_new_with_stream", _pointer, _pointer)
    _construct = _function("g_mime_parser_construct_message", _pointer, _pointer, _pointer)
    _addresses = _function("g_mime_message_get_addresses", _pointer, _pointer, _number)
    _length = _function("internet_address_list_length", _number, _pointer)
    _get = _function("internet_address_list_get_address", _pointer, _pointer, _number)
    _address = _function("internet_address_mailbox_get_addr", _text, _pointer)
    _members = _function("internet_address_group_get_members", _pointer, _pointer)
    _mailbox = _function("internet_address_mailbox_get_type", _size)
    _is_a = _function("g_type_check_instance_is_a", _number, _pointer, _size, library=_gobject)
    _unref = _function("g_object_unref", None, _pointer, library=_gobject)
    _gmime.g_mime_init()


def _listed(addresses):
    found = []
    for index in range(_length(addresses) if addresses else 0):
        one = _get(addresses, index)
        if _is_a(one, _mailbox()):
            found.append((_address(one) or b"").decode("utf-8", "replace"))
        else:
            found += _listed(_members(one))
    return found


def addresses(data):
    """A list of addresses for each of from, to, cc and bcc; nothing for what GMime cannot read."""
    stream = _stream(data, len(data))
    parser = _parser(stream)
    message = _construct(parser, None)
    found = {name: _listed(_addresses(message, kind)) if message else [] for name, kind in FIELDS.items()}
    for thing in (message, parser, stream):
        if thing:
            _unref(thing)
    return found
