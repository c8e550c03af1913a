// What the provider was asked, in order. Secrets are there by their hash alone, so that two can be compared.

import { createHash } from 'node:crypto';

const ENDPOINTS = {
  '/.well-known/openid-configuration': 'discovery',
  '/auth': 'authorization',
  '/token': 'token',
  '/token/revocation': 'revocation',
  '/jwks': 'jwks',
  '/me': 'userinfo',
  '/session/end': 'end_session',
};
const SECRET_PARAMETERS = ['code', 'code_verifier', 'refresh_token', 'token', 'id_token_hint'];
const SECRET_MEMBERS = ['id_token', 'access_token', 'refresh_token'];

const hash = (secret) => createHash('sha256').update(secret).digest('hex').slice(0, 16);

/** The list of what was asked, and of the secrets that were handed out. */
export class Journal {
  entries = [];
  secrets = [];

  forget() {
    this.entries = [];
  }

  /** Reads a request and takes it down, unless nobody will ever ask about it. */
  async enter(url, request, response) {
    const endpoint = ENDPOINTS[url.pathname];
    if (!endpoint) {
      return undefined;
    }
    request.body = await read(request);
    const parameters = { ...Object.fromEntries(url.searchParams), ...form(request.body) };
    for (const name of SECRET_PARAMETERS.filter((name) => name in parameters)) {
      parameters[name] = hash(parameters[name]);
    }
    const entry = {
      endpoint,
      method: request.method,
      at: Date.now(),
      parameters,
      fault: null,
      processed: false,
      outcome: 'pending',
      issued_refresh_token: null,
      delivered: false,
    };
    response.on('finish', () => {
      entry.delivered = true;
      this.conclude(entry, response);
    });
    response.on('close', () => {
      entry.outcome = entry.outcome === 'pending' ? 'lost' : entry.outcome;
    });
    this.entries.push(entry);
    return entry;
  }

  /** Takes down how a request ended; `body` is what was decided, be it delivered or not. */
  conclude(entry, response, body) {
    if (entry.outcome !== 'pending') {
      return;
    }
    const reply = body && json(body);
    const location = response.getHeader('location');
    const redirected = URL.canParse(location) ? new URL(location).searchParams.get('error') : undefined;
    const failure = response.statusCode < 400 ? undefined : `http ${response.statusCode}`;
    entry.outcome = reply?.error ?? redirected ?? failure ?? 'ok';
    if (entry.endpoint === 'token' && reply) {
      this.secrets.push(...SECRET_MEMBERS.map((name) => reply[name]).filter(Boolean));
      entry.issued_refresh_token = reply.refresh_token ? hash(reply.refresh_token) : null;
    }
  }
}

/** The whole body of a request. */
export async function read(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function form(body) {
  return Object.fromEntries(new URLSearchParams(body.toString()));
}

function json(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
