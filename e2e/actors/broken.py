def handler(payload:
