/**
 * What the pickles of Python's own values import, and of the two libraries that know time zones.
 * Their functions only make values of what they are given.
 */
export const PYTHON = {
  builtins:
    'ArithmeticError AssertionError AttributeError BaseException Ellipsis Exception FileNotFoundError ' +
    'FloatingPointError FutureWarning ImportError IndexError KeyError LookupError MemoryError ' +
    'NotImplemented NotImplementedError OSError OverflowError PermissionError RuntimeError ' +
    'RuntimeWarning StopIteration TimeoutError TypeError UserWarning ValueError Warning ' +
    'ZeroDivisionError bool bytearray bytes complex dict float frozenset int list object range set slice str ' +
    'str.lower str.split str.strip str.upper tuple',
  _codecs: 'encode',
  copyreg: '_reconstructor',
  collections: 'ChainMap Counter OrderedDict UserDict UserList defaultdict deque',
  datetime: 'date datetime time timedelta timezone timezone.utc',
  decimal: 'Decimal',
  fractions: 'Fraction',
  uuid: 'SafeUUID UUID',
  http: 'HTTPMethod HTTPStatus',
  ipaddress: 'IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network',
  // None opens a file when it is made. Those of Windows call a method of their parts where they are compared.
  pathlib: 'PosixPath PurePosixPath',
  'pathlib._local': 'PosixPath PurePosixPath',
  random: 'Random',
  array: '_array_reconstructor array',
  zoneinfo: 'ZoneInfo ZoneInfo._unpickle',
  pytz: '_UTC _p utc',
  'pytz.tzinfo': '_UTC',
  'dateutil.relativedelta': 'relativedelta',
  'dateutil.tz.tz': 'tzlocal tzutc',
  re: 'RegexFlag _compile',
  argparse: 'Namespace',
  types: 'SimpleNamespace',
  itertools: 'count',
  // Calls what was imported beside it, which is judged by itself.
  functools: 'partial',
};
