// OpenID Providers on loopback, made by others (npm oidc-provider). Anybody may log in, with any
// password. Refresh tokens are replaced at each use, and using one twice ends the login. Access tokens
// for `urn:api:ALG` are signed with that algorithm, all others are opaque.
//
// node server.mjs PORT CERTIFICATE KEY: writes `ready` when it listens. Below /op is the provider whose
// logins last; below /changing one that gets a new key, and forgets all it knew, by
// POST /changing/keys/added or /changing/keys/replaced.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [port, cert, key] = process.argv.slice(2);

const API = 'urn:api:';
const KINDS = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  EdDSA: ['ed25519', {}],
};

function newKey(alg) {
  const { privateKey } = generateKeyPairSync(...KINDS[alg]);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomUUID() };
}

const person = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
};
const service = {
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
};

function provider(path, keys) {
  return new Provider(`https://localhost:${port}${path}`, {
    clients: [
      { client_id: 'desktop', ...person },
      { client_id: 'desktop-ec', id_token_signed_response_alg: 'ES256', ...person },
      { client_id: 'robot', client_secret: 's3cret+/%&: x', token_endpoint_auth_method: 'client_secret_basic', ...service },
      { client_id: 'robot-body', client_secret: 's3cret+/%&: x', token_endpoint_auth_method: 'client_secret_post', ...service },
    ],
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
    scopes: ['openid', 'offline_access', 'read'],
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@example.org` }) }),
    claims: { openid: ['sub'], email: ['email'] },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    pkce: { required: () => true },
    ttl: { AccessToken: 300, ClientCredentials: 300, DeviceCode: 600, IdToken: 300, RefreshToken: 86400 },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'read',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: resource.slice(API.length) } },
        }),
      },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
  });
}

const lasting = provider('/op', Object.keys(KINDS).map(newKey)).callback();
let keys = [newKey('RS256')];
let changing = provider('/changing', keys).callback();

// The first key of a kind signs.
function change(keep) {
  keys = [newKey('RS256'), ...(keep ? keys : [])];
  changing = provider('/changing', keys).callback();
}

// Each is served below a path, so that its issuer has one.
function below(path, request) {
  if (!request.url.startsWith(`${path}/`)) return false;
  request.originalUrl = request.url;
  request.url = request.url.slice(path.length);
  return true;
}

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  const how = /^\/changing\/keys\/(added|replaced)$/.exec(request.url);
  if (how && request.method === 'POST') {
    change(how[1] === 'added');
    response.end();
  } else if (below('/op', request)) {
    lasting(request, response);
  } else if (below('/changing', request)) {
    changing(request, response);
  } else {
    response.statusCode = 404;
    response.end();
  }
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
