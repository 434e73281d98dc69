"""The sorter: register map and driver of its PLC over Modbus TCP."""
