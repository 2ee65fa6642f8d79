/** Candidates of the relay are told apart from all others, whatever their spelling. */
import { relayed } from "../../../clients/web/src/candidates.ts";

test.each([
  [
    "Chromium's",
    "candidate:1092766648 1 udp 50340095 192.0.2.1 52828 typ relay raddr 0.0.0.0 rport 0 generation 0 ufrag IOX1 network-cost 999",
    "candidate:1092766648 1 udp 50340095 192.0.2.1 52828 typ relay raddr 0.0.0.0 rport 9 generation 0 ufrag IOX1 network-cost 999",
  ],
  [
    "Firefox's",
    "candidate:0 1 UDP 92151807 192.0.2.1 50215 typ relay raddr 203.0.113.7 rport 40002",
    "candidate:0 1 UDP 92151807 192.0.2.1 50215 typ relay raddr 0.0.0.0 rport 9",
  ],
  [
    "a relay's of IPv6",
    "candidate:0 1 udp 92151807 2001:db8::1 50215 typ relay raddr 2001:db8::7 rport 40002",
    "candidate:0 1 udp 92151807 2001:db8::1 50215 typ relay raddr :: rport 9",
  ],
  [
    "one with a related address twice",
    "candidate:0 1 udp 9 192.0.2.1 50215 typ relay raddr 203.0.113.7 rport 1 raddr 203.0.113.8 rport 2",
    "candidate:0 1 udp 9 192.0.2.1 50215 typ relay raddr 0.0.0.0 rport 9",
  ],
])(
  "%s candidate goes without the address that asked for it",
  (_, candidate, told) => {
    expect(relayed(candidate)).toBe(told);
  },
);

test.each([
  ["a host's", "candidate:1 1 udp 2122260223 192.168.1.7 40001 typ host"],
  [
    "a hidden host's",
    "candidate:1 1 udp 2122260223 2f7a5f2e.local 40001 typ host",
  ],
  [
    "a reflexive one",
    "candidate:2 1 udp 16860 203.0.113.7 40002 typ srflx raddr 192.168.1.7 rport 1",
  ],
  ["a reflexive peer's", "candidate:2 1 udp 16860 203.0.113.7 40002 typ prflx"],
  ["one over TCP", "candidate:2 1 tcp 1 192.168.1.7 9 typ host tcptype active"],
  [
    "a host's that speaks of relays",
    "candidate:1 1 udp 1 192.168.1.7 1 typ host typ relay",
  ],
  ["a longer word", "candidate:1 1 udp 1 192.168.1.7 1 typ relayed"],
  ["two in one", "candidate:1 1 udp 1 192.0.2.1 1 typ relay\r\na=candidate:1"],
  [
    "one behind another line",
    "a=mid:0\r\ncandidate:1 1 udp 1 192.0.2.1 1 typ relay",
  ],
  ["one with more between", "candidate:1  1 udp 1 192.0.2.1 1 typ relay"],
  ["nothing", ""],
])("%s candidate is none of the relay's", (_, candidate) => {
  expect(relayed(candidate)).toBeNull();
});
