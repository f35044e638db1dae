/** Reads series by Prometheus's HTTP API, which Thanos, Mimir, VictoriaMetrics and the clouds' own servers speak too. */
import type { Agent, IncomingMessage } from 'node:http';
import type { SignRequest } from '../aws/request-signer.ts';
import { PassingError, pauseAsked, retrying } from '../concurrency/retry.ts';
import { UserError } from '../errors.ts';
import { knownAuthorities, readText, sendHttp } from '../http/send.ts';
import {
  type MetricAccess,
  type MetricPoint,
  type MetricQuery,
  type MetricRange,
  type MetricSeries,
  type MetricSource,
  MetricsUnavailable,
  splitRange,
} from './metric-source.ts';
import { type PrometheusAccount, parsePrometheusAddress, prometheusAccount } from './prometheus-account.ts';
import { type LabelledSeries, oneSeries, readMatrix, refusalText } from './prometheus-answer.ts';

/** The server refuses more than 11,000 steps a series. */
const MOST_STEPS = 11_000;
const ATTEMPTS = 4;
/** The server gives up on a query after this time. */
const QUERY_SECONDS = 60;
/** The whole of one answer, drop by drop or at once. */
const REQUEST_MILLISECONDS = 120_000;
const IDLE_MILLISECONDS = 90_000;
/** 11,000 steps of one series are below 1 MB; a query that answers thousands of series is not read to its end. */
const LARGEST_BYTES = 20_000_000;
const PATH = '/api/v1/query_range';

/** Prometheus can also answer a series for each value of a label. */
export interface LabelledMetricSource extends MetricSource {
  /**
   * The series of a query by the values of a label, which tells them apart; points as in `readSeries`.
   * @throws UserError also when a series has no such label, or two have the same value.
   */
  readSeriesBy(
    label: string,
    query: string,
    range: MetricRange,
    what: string,
  ): Promise<Map<string, MetricPoint[]>>;
}

/**
 * A source at an address. @throws UserError when the address is none, or the account in the environment is not whole
 * or would be sent in clear text.
 */
export function openPrometheus(address: string, access: MetricAccess): LabelledMetricSource {
  const server = parsePrometheusAddress(address);
  return new Prometheus(server, prometheusAccount(server, access.env), access);
}

class Prometheus implements LabelledMetricSource {
  readonly place: string;
  readonly #url: URL;
  readonly #account: PrometheusAccount;
  readonly #access: MetricAccess;
  #agent: Promise<Agent> | undefined;
  #sign: Promise<SignRequest> | undefined;

  constructor(server: string, account: PrometheusAccount, access: MetricAccess) {
    this.place = `Prometheus ${server}`;
    this.#url = new URL(`${server}${PATH}`);
    this.#account = account;
    this.#access = access;
  }

  async readSeries(query: MetricQuery, range: MetricRange, what: string): Promise<MetricSeries> {
    if (!('query' in query)) {
      throw new UserError(`${what} has no query for ${this.place}.`, { fix: 'Write query: with PromQL.' });
    }
    const whole: MetricSeries = { points: [], warnings: [] };
    for (const part of splitRange(range, MOST_STEPS)) {
      const { series, warnings } = await this.#ask(query.query, part, what);
      const one = oneSeries(series);
      if ('problem' in one) throw this.#notUsable(one, what);
      whole.points.push(...one.points);
      whole.warnings.push(...warnings.filter((warning) => !whole.warnings.includes(warning)));
    }
    return whole;
  }

  async readSeriesBy(
    label: string,
    query: string,
    range: MetricRange,
    what: string,
  ): Promise<Map<string, MetricPoint[]>> {
    const found = new Map<string, MetricPoint[]>();
    for (const part of splitRange(range, MOST_STEPS)) {
      const seen = new Set<string>();
      for (const { labels, points } of (await this.#ask(query, part, what)).series) {
        const value = labels[label];
        if (value === undefined || seen.has(value)) {
          throw this.#notUsable(
            {
              problem: `answers ${value === undefined ? 'a series without' : 'two series with the same'} label ${label}`,
              fix: `Aggregate by it in the query, e.g. sum by (${label}) (…).`,
            },
            what,
          );
        }
        seen.add(value);
        found.set(value, [...(found.get(value) ?? []), ...points]);
      }
    }
    return found;
  }

  async #ask(
    query: string,
    { start, end, step }: MetricRange,
    what: string,
  ): Promise<{ series: LabelledSeries[]; warnings: string[] }> {
    const form = new URLSearchParams({
      query,
      start: String((start + step) / 1000),
      end: String(end / 1000),
      step: String(step / 1000),
      timeout: `${QUERY_SECONDS}s`,
    });
    const { wait, signal } = this.#access;
    const text = await retrying(() => this.#post(form.toString(), what), {
      attempts: ATTEMPTS,
      wait,
      signal,
    });
    const answer = readMatrix(text);
    if ('series' in answer) {
      return { ...answer, warnings: answer.warnings.map((warning) => this.#clean(warning)) };
    }
    throw this.#notUsable(answer, what);
  }

  #notUsable({ problem, fix }: { problem: string; fix: string }, what: string): UserError {
    return new UserError(`${this.place}, asked for ${what}, ${this.#clean(problem)}.`, { fix });
  }

  /** By POST, so that a long query fits and stands in no log of addresses. */
  async #post(form: string, what: string): Promise<string> {
    const body = Buffer.from(form);
    const timeout = AbortSignal.timeout(REQUEST_MILLISECONDS);
    const { signal } = this.#access;
    try {
      this.#agent ??= makeAgent(this.#url.protocol, this.#access.env);
      const response = await sendHttp(
        {
          method: 'POST',
          url: this.#url,
          headers: await this.#headers(body),
          upload: { size: body.length, read: () => [body] },
          idleMilliseconds: IDLE_MILLISECONDS,
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        },
        await this.#agent,
      );
      const text = await readText(response, LARGEST_BYTES, this.place);
      if (response.statusCode === 200) return text;
      throw this.#refused(response, text, what);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof UserError || cause instanceof PassingError) throw cause;
      throw this.#unreachable(cause, what);
    }
  }

  async #headers(body: Buffer): Promise<Record<string, string>> {
    const headers = {
      ...this.#account.headers,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const { signed } = this.#account;
    if (!signed) return headers;
    this.#sign ??= makeSigner(signed.region, this.#access);
    return (await this.#sign)({ method: 'POST', url: this.#url, headers, body: [body] });
  }

  #refused(response: IncomingMessage, text: string, what: string): Error {
    const status = response.statusCode ?? 0;
    const said = this.#clean(refusalText(text));
    const words = `${this.place}, asked for ${what}, answers ${status}${said && `: ${said}`}.`;
    const fix = fixFor(status);
    if (status !== 429 && status !== 408 && (status < 500 || status === 501))
      return new UserError(words, { fix });
    return new PassingError(
      new MetricsUnavailable(words, { fix }),
      pauseAsked(response.headers['retry-after']),
    );
  }

  #unreachable(cause: unknown, what: string): PassingError {
    const { code, message, name } = cause as NodeJS.ErrnoException;
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code ?? '');
    const late = name === 'TimeoutError' || name === 'AbortError';
    const why = late ? `no whole answer in ${REQUEST_MILLISECONDS / 1000} s` : (code ?? message);
    return new PassingError(
      new MetricsUnavailable(`${this.place} could not be reached for ${what}: ${why}.`, {
        fix: isCertificate
          ? 'Add the certificate of its authority to the system, or name its file in NODE_EXTRA_CA_CERTS.'
          : 'Check the address, the network and any proxy.',
        cause,
      }),
    );
  }

  /** One line without the secrets that a server may repeat. */
  #clean(text: string): string {
    const clean = this.#account.secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    return clean.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 500);
  }
}

async function makeAgent(protocol: string, env: NodeJS.ProcessEnv): Promise<Agent> {
  const isTls = protocol === 'https:';
  const http = isTls ? await import('node:https') : await import('node:http');
  return new http.Agent({
    keepAlive: true,
    proxyEnv: env,
    ...(isTls ? { ca: await knownAuthorities() } : {}),
  });
}

/** Amazon's SDK is large, and few need it. */
async function makeSigner(
  region: string | undefined,
  { env, signal, now }: MetricAccess,
): Promise<SignRequest> {
  const { requestSigner } = await import('../aws/request-signer.ts');
  return requestSigner('aps', { env, ...(signal && { signal }), ...(region && { region }) }, now);
}

function fixFor(status: number): string {
  if (status === 400 || status === 422) return 'Mend the query; try it on the server’s own page first.';
  if (status === 401 || status === 403) {
    return 'Set PROMETHEUS_TOKEN, PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or PROMETHEUS_AWS_SIGV4, of an account that may read metrics; PROMETHEUS_TENANT where the server has tenants.';
  }
  if (status >= 300 && status < 400) return 'The server sends elsewhere: write the address that it sends to.';
  if (status === 404 || status === 405)
    return 'Check the address: below it there must be /api/v1/query_range.';
  if (status === 503 || status === 504) {
    return 'The query takes too long or the server is overloaded: make the query or the window smaller, or record it by a rule.';
  }
  return status >= 500 || status === 429 ? 'The server is in trouble: run again later.' : '';
}
