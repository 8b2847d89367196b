// OpenID Providers on loopback, made by others (npm oidc-provider). Anybody may log in, with any
// password. Refresh tokens are replaced at each use, and using one twice ends the login. Access tokens
// for `urn:api:ALG` are signed with that algorithm, all others are opaque.
//
// node server.mjs PORT CERTIFICATE KEY: writes `ready` when it listens. Below /op is the provider whose
// logins last; below /changing one that gets a new key, and forgets all it knew, by
// POST /changing/keys/added or /changing/keys/replaced. Below /TENANT is one with the paths of Entra ID.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [port, cert, key] = process.argv.slice(2);

const API = 'urn:api:';
const TENANT = '11111111-2222-3333-4444-555555555555';
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

function provider(path, keys, more = {}) {
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
      ...more.features,
    },
    ...more.own,
  });
}

// Entra ID's ways: one redirect for any port, scopes that name an API, and the API as the audience.
function tenant(path, keys) {
  const apis = {
    enabled: true,
    defaultResource: (ctx, client, one) => {
      const scope = ctx.oidc.params?.scope?.split(' ').find((word) => word.endsWith('/.default'));
      return scope ? scope.slice(0, -'/.default'.length) : one;
    },
    useGrantedResource: () => true,
    getResourceServerInfo: (_, resource) => ({
      scope: `${resource}/.default`,
      audience: resource.replace('api://', ''),
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'RS256' } },
    }),
  };
  const claims = (sub) => ({ sub, oid: `oid-of-${sub}`, tid: TENANT, preferred_username: `${sub}@example.org` });
  return provider(path, keys, {
    features: { resourceIndicators: apis },
    own: {
      clients: [{ client_id: 'desktop', ...person, redirect_uris: ['http://localhost'] }],
      routes: { authorization: '/authorize', token: '/token', device_authorization: '/devicecode', jwks: '/keys' },
      scopes: ['openid', 'offline_access', 'profile'],
      conformIdTokenClaims: false,
      claims: { openid: ['sub', 'oid', 'tid'], profile: ['preferred_username'] },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => claims(sub) }),
      extraTokenClaims: () => ({ tid: TENANT, ver: '2.0' }),
    },
  });
}

const lasting = provider('/op', Object.keys(KINDS).map(newKey)).callback();
let keys = [newKey('RS256')];
let changing = provider('/changing', keys).callback();

const entra = tenant(`/${TENANT}/v2.0`, [newKey('RS256')]).callback();

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

// The path below the issuer of what Entra ID has beside it. Its logins last without being asked for consent.
function atTheIssuer(url) {
  const below = url.replace(/^\/([^/]+)\/(?:oauth2|discovery)\/v2\.0\//, '/$1/v2.0/');
  return below === url ? url : below.replace('/authorize?', '/authorize?prompt=consent&');
}

const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  request.url = atTheIssuer(request.url);
  const how = /^\/changing\/keys\/(added|replaced)$/.exec(request.url);
  if (how && request.method === 'POST') {
    change(how[1] === 'added');
    response.end();
  } else if (below('/op', request)) {
    lasting(request, response);
  } else if (below('/changing', request)) {
    changing(request, response);
  } else if (below(`/${TENANT}/v2.0`, request)) {
    entra(request, response);
  } else {
    response.statusCode = 404;
    response.end();
  }
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
