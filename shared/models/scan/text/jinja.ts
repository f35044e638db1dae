import { type JinjaWord, jinjaWords } from './jinja-words.ts';

/** In characters: no chat template is longer. */
const MOST_TEMPLATE = 1 << 20;
const MOST_PROBLEMS = 10;
/** Nobody writes so many in one, and each is kept until all are judged. */
const MOST_WORDS = 50_000;
/** In words: so long only what has hundreds of empty texts in it goes on. */
const MOST_JOINED = 1_000;
/** In characters, behind a text: no name of the inside of Python is longer. */
const LONGEST_INSIDE = 40;
const BETWEEN = new Set(['~', '+', ',']);
/** Names of Python that lead from any value to its inside, without underscores. */
const INSIDE = new Set(
  'mro func_globals func_code func_closure func_defaults gi_frame gi_code cr_frame cr_code ag_frame ag_code f_globals f_locals f_builtins f_back f_code tb_frame tb_next co_code im_func im_self im_class'.split(
    ' ',
  ),
);
/** The same names with their underscores put on by the template itself, or by nobody. */
const INSIDE_WITHOUT_UNDERSCORES = new Set(['globals', 'subclasses', 'builtins', 'getattribute', 'popen']);
/** Makes a letter of its number: of underscores, nobody sees any. */
const LETTER_BY_NUMBER = /%[-#0 +\d.*]*c/;
/** What a template gets without being given it, and needs for nothing but to reach Python. */
const REACHING = new Set(['lipsum', 'cycler', 'joiner', 'url_for', 'get_flashed_messages']);
const STATEMENTS = new Set(['import', 'from', 'include', 'extends']);
const MODULES = new Set([
  'os',
  'sys',
  'subprocess',
  'importlib',
  'builtins',
  'socket',
  'shutil',
  'ctypes',
  'posix',
  'nt',
]);
const CALLS = new Set(
  'popen system eval exec compile open getattr setattr import_module check_output check_call spawn execfile load_module'.split(
    ' ',
  ),
);

/** Special tokens of models, such as `<__start__>`, have underscores too. */
function hasInsideName(text: string): boolean {
  if (!text.includes('_')) return false;
  const plain = text.replace(/<[^<>]{0,80}>|\[[^[\]]{0,80}\]/g, '');
  return plain.includes('__') || (text.includes('__') && /[.(]\s*__/.test(text));
}

class TemplateJudge {
  readonly #words: JinjaWord[];
  readonly problems = new Set<string>();
  #isGivenUp = false;

  constructor(words: JinjaWord[]) {
    this.#words = words;
    for (let index = 0; index < words.length && !this.#isGivenUp; index++) {
      this.#word(index);
      if (this.problems.size >= MOST_PROBLEMS) return;
    }
  }

  #at(index: number): string {
    const word = this.#words[index];
    return word === undefined || word.kind === 'text' ? '' : word.text;
  }

  #word(index: number): void {
    const { kind, text } = this.#words[index]!;
    if (kind === 'name') this.#name(text, index);
    if (kind === 'text') this.#text(text, index);
  }

  #add(what: string): void {
    this.problems.add(what);
  }

  #name(name: string, index: number): void {
    const before = this.#at(index - 1);
    const after = this.#at(index + 1);
    const isReached = after === '.' || after === '[' || after === '|';
    if (name.startsWith('__')) this.#add(`uses ${name}`);
    else if (before === '.' && (INSIDE.has(name) || (CALLS.has(name) && after === '(')))
      this.#add(`reaches for .${name}`);
    else if (before === '|' && name === 'attr') this.#add('takes attributes by |attr');
    else if (before === '.') return;
    else if (REACHING.has(name)) this.#add(`uses ${name}`);
    else if ((name === 'namespace' || name === 'dict' || name === 'range' || name === 'self') && isReached)
      this.#add(`reaches into ${name}`);
    else if (CALLS.has(name) && after === '(') this.#add(`calls ${name}`);
    else if (MODULES.has(name) && after === '.') this.#add(`reaches into ${name}`);
    else if (STATEMENTS.has(name) && this.#isStatement(index)) this.#add(`has a statement ${name}`);
  }

  #isStatement(index: number): boolean {
    const at = ['-', '+'].includes(this.#at(index - 1)) ? index - 2 : index - 1;
    return this.#words[at]?.kind === 'begin' && this.#words[at].text === '{%';
  }

  #text(text: string, index: number): void {
    const joined = this.#joined(index);
    if (hasInsideName(text)) this.#add(`has the text ${JSON.stringify(text.slice(0, 60))}`);
    else if (joined !== text && hasInsideName(joined))
      this.#add(`puts the text ${JSON.stringify(joined.slice(0, 60))} together`);
    else if (/^_+$/.test(text) && this.#at(index + 1) === '*') this.#add('puts underscores together');
    else if (LETTER_BY_NUMBER.test(joined) && !this.#isOfTime(index))
      this.#add('makes letters of numbers by %c');
    else if (INSIDE_WITHOUT_UNDERSCORES.has(text.replace(/^_+|_+$/g, '')))
      this.#add(`has the text ${JSON.stringify(text)}`);
    else if (INSIDE.has(joined)) this.#add(`has the text ${JSON.stringify(joined)}`);
    else if (joined === 'attr' && this.#at(index - 1) === '(' && this.#at(index - 2) === 'map')
      this.#add('takes attributes by |map("attr")');
  }

  /** Whether it says how a time is written, in which %c is the usual way of the place. */
  #isOfTime(index: number): boolean {
    return this.#at(index - 1) === '(' && this.#at(index - 2).startsWith('strftime');
  }

  /** With the texts that are put behind it, by `~`, `+`, or in a list that may be joined. */
  #joined(index: number): string {
    let joined = this.#words[index]!.text;
    const most = Math.min(200, joined.length + LONGEST_INSIDE);
    for (let at = index + 1; at < this.#words.length && joined.length < most; at++) {
      if (at - index > MOST_JOINED) {
        this.#add('puts a text together of hundreds that are empty');
        this.#isGivenUp = true;
        break;
      }
      if (BETWEEN.has(this.#at(at)) && this.#words[at + 1]?.kind === 'text') at++;
      if (this.#words[at]?.kind !== 'text') break;
      joined += this.#words[at]!.text;
    }
    return joined;
  }
}

/**
 * Judges a template of Jinja, as chat templates are: it may only format what it is given.
 *
 * @returns what in it reaches for the inside of Python, each as the end of "The template …"; empty where nothing does.
 */
export function judgeTemplate(template: string): string[] {
  if (template.length >= MOST_TEMPLATE) return [`has more than ${MOST_TEMPLATE} characters`];
  const words: JinjaWord[] = [];
  for (const word of jinjaWords(template)) {
    if (words.length === MOST_WORDS) return [`has more than ${MOST_WORDS} words`];
    words.push(word);
  }
  return [...new TemplateJudge(words).problems];
}
