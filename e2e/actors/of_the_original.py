"""Handlers as they were written for the original: they import nothing of a runtime."""


def process(payload):
    if payload.get("fail"):
        raise ValueError("no page")
    if payload.get("split"):
        return [{"part": part} for part in payload["split"]]
    if payload.get("stop"):
        return None
    return {**payload, "processed": True}


def reroute(message):
    steps = message["route"]["steps"]
    current = message["route"]["current"]
    route = {**message["route"], "steps": [*steps[: current + 1], *message["payload"]["next"]]}
    return {"payload": {"rerouted": True}, "route": route}
