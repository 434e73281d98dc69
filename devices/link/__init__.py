"""The link: devices that speak MQTT v5, with acknowledged, ordered events."""
