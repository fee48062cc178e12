"""Both signatures, written from their descriptions and not from the platform's source."""
import base64
import hashlib
import hmac


def hooksentry_signature(secret, body):
    """X-HookSentry-Signature: the key is the secret as it is displayed."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def standard_webhooks_signature(secret, message_id, timestamp, body):
    """webhook-signature of Standard Webhooks, scheme v1: the key is the decoded part after whsec_."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
