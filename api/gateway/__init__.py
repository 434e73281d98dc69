"""The gateway: devices on one side, journeys of the warehouse on the other."""
