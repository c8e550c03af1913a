// How the provider misbehaves, and for which requests. Preflights are always spared.

import { setTimeout as delay } from 'node:timers/promises';

/** Pages are answered as they come; of these the answer can be changed or kept. */
const API = ['token', 'revocation', 'userinfo', 'jwks', 'discovery'];

/** The rules that are on, and the requests that wait for their end. */
export class Faults {
  #identity;
  #journal;
  #rules = [];
  #held = [];

  constructor(identity, journal) {
    this.#identity = identity;
    this.#journal = journal;
  }

  /** Misbehaves for the next `times` requests to `endpoint`, or for all without that number. */
  add({ endpoint, grant_type, times, fault }) {
    this.#rules.push({ endpoint, grant_type, remaining: times ?? Infinity, fault });
  }

  /** Behaves again, and lets go what was held. */
  heal() {
    this.#rules = [];
    this.#held.splice(0).forEach((release) => release());
  }

  /** Answers a request, or misbehaves. `entry` is what the journal has about it. */
  async answer(entry, request, response) {
    const fault = entry && this.#take(entry);
    if (!fault) {
      return this.#pass(entry, request, response);
    }
    entry.fault = fault.kind;
    return this.#misbehave(fault, entry, request, response);
  }

  async #misbehave(fault, entry, request, response) {
    switch (fault.kind) {
      case 'answer':
        return reply(response, fault);
      case 'reset':
        return request.socket.resetAndDestroy();
      case 'delay':
        await delay(fault.milliseconds);
        return this.#pass(entry, request, response);
      case 'hold':
        await this.#release();
        return this.#pass(entry, request, response);
      default:
    }
    let body = await this.#process(entry, request, response);
    switch (fault.kind) {
      case 'drop_reply':
        return request.socket.destroy();
      case 'cut_reply':
        return response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
      case 'hold_reply':
        await this.#release();
        return response.end(body);
      case 'answer_after':
        return reply(response, fault);
      case 'edit_reply':
        body = this.#edited(body, fault);
        response.setHeader('Content-Length', body.length);
        return response.end(body);
      default:
        throw new Error(`no such fault: ${fault.kind}`);
    }
  }

  #take(entry) {
    const fits = ({ endpoint, grant_type, remaining }) => remaining > 0 && entry.method !== 'OPTIONS'
      && endpoint === entry.endpoint && (!grant_type || grant_type === entry.parameters.grant_type);
    // The rule that was set last wins, so that a test can change its mind.
    const rule = this.#rules.findLast(fits);
    if (rule) {
      rule.remaining -= 1;
    }
    return rule?.fault;
  }

  #release() {
    return new Promise((release) => { this.#held.push(release); });
  }

  async #pass(entry, request, response) {
    if (!entry || !API.includes(entry.endpoint)) {
      return this.#identity.handle(request, response);
    }
    return response.end(await this.#process(entry, request, response));
  }

  /** Has the provider answer and keeps the body back. */
  async #process(entry, request, response) {
    let body = Buffer.alloc(0);
    const { end } = response;
    response.end = (chunk) => {
      body = Buffer.from(chunk ?? '');
      return response;
    };
    await this.#identity.handle(request, response);
    response.end = end;
    entry.processed = true;
    this.#journal.conclude(entry, response, body);
    return body;
  }

  #edited(body, { set, remove, claims, forged }) {
    const edited = { ...JSON.parse(body), ...set };
    for (const name of remove ?? []) {
      delete edited[name];
    }
    if (claims || forged) {
      edited.id_token = this.#identity.resign(edited.id_token, claims, forged);
    }
    return Buffer.from(JSON.stringify(edited));
  }
}

/** An answer that the provider has no part in; pages may read it unless it says otherwise. */
function reply(response, { status, headers, body }) {
  response.getHeaderNames().filter((name) => name !== 'connection').forEach((name) => response.removeHeader(name));
  response.writeHead(status, {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Retry-After',
    'content-type': 'application/json',
    ...headers,
  });
  response.end(body);
}
