# azure-identity's managed identity: one token for the vault, of the identity that the arguments name.
import json
import sys
import time

from azure.identity import ManagedIdentityCredential

chosen = dict(argument.split("=", 1) for argument in sys.argv[1:])
client_id = chosen.pop("client_id", None)
credential = ManagedIdentityCredential(client_id=client_id, identity_config=chosen or None)
token = credential.get_token("https://vault.azure.net/.default")
credential.get_token("https://vault.azure.net/.default")
print(json.dumps({"token": token.token, "life": token.expires_on - int(time.time())}))
