/**
 * What the pickles of Python's own values import, and of the two libraries that know time zones.
 * Their functions only make values of what they are given.
 */
export const PYTHON = {
  builtins:
    'ArithmeticError BaseException Ellipsis Exception KeyError NotImplemented RuntimeError TypeError ' +
    'ValueError bool bytearray bytes complex dict float frozenset int list object range set slice str ' +
    'str.lower str.split str.strip str.upper tuple',
  _codecs: 'encode',
  copyreg: '_reconstructor',
  collections: 'ChainMap Counter OrderedDict UserDict UserList defaultdict deque',
  datetime: 'date datetime time timedelta timezone timezone.utc',
  decimal: 'Decimal',
  fractions: 'Fraction',
  uuid: 'SafeUUID UUID',
  ipaddress: 'IPv4Address IPv6Address',
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
  re: '_compile',
  argparse: 'Namespace',
  types: 'SimpleNamespace',
  itertools: 'count',
  // Calls what was imported beside it, which is judged by itself.
  functools: 'partial',
  math: 'exp log log10 log1p sqrt',
};
