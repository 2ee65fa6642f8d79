"""The seal with the union's real papers: links, credentials and lists of its own tool."""

from clients.peer import identity
from clients.peer.sealed import Answers, DoctorHandshake, Papers, PatientHandshake
from clients.peer.sealed_letters import counted_pool_link, personal_link
from clients.peer.sealing import Refused
from clients.union import credentials, links, requests, tokens, unions
from clients.union.credentials import Card
from clients.union.keys import signing_key
from signaling.encoding import decode, encode
from tests.clients.seal_cast import code_of, run
from tests.dice import Dice
from tests.unions import NOW, QUEUE, ADevice, AUnion

UNION, DICE = AUnion(), Dice(7)
DEVICE = ADevice(DICE)
SIGNED = credentials.identity(
    UNION.root,
    UNION.audience,
    requests.read(DEVICE.request()),
    Card("Dr Camille Roux", "Médecine générale"),
    credentials.DAYS,
    NOW,
    DICE,
)
LIST = UNION.list(typ=tokens.LIST)
TRUSTED = [identity.read_union(unions.write(UNION.public))]
WINDOW = links.Window(NOW, NOW + 3600, 1)


def check_identity(credential: str, revocations: str) -> identity.Identity:
    return identity.verify(credential, revocations, TRUSTED, NOW)


def doctor(token: str, psk: bytes | None) -> DoctorHandshake:
    """The doctor's end, who takes this one token."""

    def check_token(shown: str, holder: bytes) -> bytes | None:
        if shown != token:
            raise Refused("token")
        return psk

    papers = Papers(signing_key(DEVICE.seed), SIGNED.token, LIST)
    return DoctorHandshake(DICE, papers, check_token, Answers())


def test_a_personal_link_of_the_tool_opens_a_session() -> None:
    """The doctor makes the PSK again from the link master and the nonce."""
    nonce = DICE(8)
    token, _, secret = links.personal(DEVICE.master, nonce, WINDOW).rpartition(".")
    link_public = links.link_key(DEVICE.master).public_key().public_bytes_raw()
    link = personal_link(token, decode(secret), link_public)
    again = links.secrets_of(links.secret_of(DEVICE.master, nonce))

    done = run(PatientHandshake(DICE, link, check_identity), doctor(token, again.psk))

    assert done.proposal.digits == done.confirmation.digits
    assert "Dr Camille Roux" == done.proposal.card.name
    assert (again.holder_seed, DEVICE.handle) == (link.holder_seed, encode(link.handle or b""))


def test_a_counted_pool_link_of_the_tool_opens_a_session() -> None:
    """Its secret is the holder's; no PSK is mixed in."""
    secret = DICE(16)
    fragment = links.pool_for_one(UNION.root.key, QUEUE, DICE(8), secret, WINDOW)
    link = counted_pool_link(fragment.rpartition(".")[0], secret)

    done = run(PatientHandshake(DICE, link, check_identity), doctor(link.token, None))

    assert done.proposal.digits == done.confirmation.digits
    assert links.secrets_of(secret).holder_seed == link.holder_seed


def test_the_tools_revocation_reaches_the_patient() -> None:
    """The list for pages names identities; that for servers is none here."""
    revoked = UNION.list([SIGNED.jti], typ=tokens.LIST)

    assert code_of(check_identity, SIGNED.token, LIST) is None
    assert "revoked" == code_of(check_identity, SIGNED.token, revoked)
    assert "revoked" == code_of(check_identity, SIGNED.token, UNION.list())
