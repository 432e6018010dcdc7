"""The protocol half of the stand-in: TDS 7.3, 7.4 and 8.0 packets in, calls on a `Session` out.

Layers, bottom up: `wire` (bytes), `channel` (packets, TLS), `prelogin`/`login` (the handshake), `types_in`/`types_out`
(values), `tokens`/`response` (answers), `request`/`rpc` (questions), `connection` (one client), `listener` (all of them).
Section numbers in comments are those of Microsoft's Open Specification [MS-TDS].
"""
