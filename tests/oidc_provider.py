"""A small OpenID Connect provider on this machine that lets everybody in as one user."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwk, jwt


@contextmanager
def oidc_provider(**claims):
    """The provider's address; `claims` are what it says of the user."""
    key = jwk.RSAKey.generate_key(2048, parameters={"kid": "1"})
    nonces = []

    class Provider(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = urlsplit(self.path)
            if asked.path == "/authorize":
                query = dict(parse_qsl(asked.query))
                nonces.append(query["nonce"])
                answer = urlencode({"code": "code", "state": query["state"]})
                self._answer(302, {}, Location=f"{query['redirect_uri']}?{answer}")
            elif asked.path == "/keys":
                self._answer(200, {"keys": [key.as_dict(private=False)]})
            else:
                self._answer(
                    200,
                    {
                        "issuer": address,
                        "authorization_endpoint": f"{address}/authorize",
                        "token_endpoint": f"{address}/token",
                        "jwks_uri": f"{address}/keys",
                    },
                )

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            now = int(time.time())
            token = {"iss": address, "aud": "cnnviz", "iat": now, "exp": now + 3600, **claims}
            signed = jwt.encode({"alg": "RS256", "kid": "1"}, {**token, "nonce": nonces[-1]}, key)
            self._answer(200, {"access_token": "a", "token_type": "Bearer", "id_token": signed})

        def log_message(self, *_):
            pass

        def _answer(self, status, content, **headers):
            body = json.dumps(content).encode()
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield address
        server.shutdown()
        thread.join()
