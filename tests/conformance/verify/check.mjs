// What jose says about each token: one line, `accepted` or why not.

import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const keys = createLocalJWKSet(given.jwks);
const options = {
  issuer: given.issuer,
  audience: given.audience,
  algorithms: ["RS256", "ES256", "EdDSA"],
  clockTolerance: 60,
  requiredClaims: ["exp"],
};

for (const { token } of given.cases) {
  try {
    await jwtVerify(token, keys, options);
    console.log("accepted");
  } catch (error) {
    console.log(error.code ?? error.name);
  }
}
