// An OpenID Provider on loopback, made by others (npm oidc-provider). Anybody may log in, with any
// password. Refresh tokens are replaced at each use, and using one twice ends the login.
//
// node server.mjs PORT CERTIFICATE KEY: writes `ready` when it listens.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const [port, cert, key] = process.argv.slice(2);

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

const provider = new Provider(`https://localhost:${port}/op`, {
  clients: [
    { client_id: 'desktop', ...person },
    { client_id: 'robot', client_secret: 's3cret+/%&: x', token_endpoint_auth_method: 'client_secret_basic', ...service },
    { client_id: 'robot-body', client_secret: 's3cret+/%&: x', token_endpoint_auth_method: 'client_secret_post', ...service },
  ],
  scopes: ['openid', 'offline_access', 'read'],
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  pkce: { required: () => true },
  ttl: { AccessToken: 300, ClientCredentials: 300, DeviceCode: 600, RefreshToken: 86400 },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
});

// Served below a path, so that the issuer has one.
const serve = provider.callback();
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
  if (!request.url.startsWith('/op')) {
    response.statusCode = 404;
    response.end();
    return;
  }
  request.originalUrl = request.url;
  request.url = request.url.slice('/op'.length) || '/';
  serve(request, response);
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
