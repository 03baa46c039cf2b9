"""Managers: who is let in, and how another program connects to one."""

import os
import tempfile
from contextlib import contextmanager

from conformance import arg, child, raises, ticks
from specs.managers.managers import BASE, PAGE, bank, collect, end, manager, own, started
from specs.processes.contexts import printed

KEY = b"a key of its own"


@manager.scenario("address.given", family=arg.one_of("AF_INET", "AF_UNIX"))
def an_address_of_ones_own(mp, family):
    """A manager listens at the address that it was given, whatever the family, and others connect there."""
    with tempfile.TemporaryDirectory() as directory:
        address = {"AF_INET": ("127.0.0.1", 0), "AF_UNIX": os.path.join(directory, "m")}[family]
        made = own(mp, address=address)
        with started(mp, made):
            if family == "AF_UNIX":
                assert made.address == address
            else:
                assert made.address[0] == "127.0.0.1"
            guest = own(mp, address=made.address)
            guest.connect()
            assert guest.Account("guest").described() == ("guest", 0)


@manager.scenario("address.again")
def an_address_is_free_again(mp):
    """A manager may use the address of one that was shut down, even if proxies of that are left."""
    with tempfile.TemporaryDirectory() as directory:
        address = os.path.join(directory, "m")
        first, second = own(mp, address=address), own(mp, address=address)
        with started(mp, first):
            left = first.Account()
            left.deposit(1)
            first.shutdown()
        with started(mp, second) as server:
            account = second.Account()
            assert account.where() == server.pid
            assert account.deposit(2) == 2
        del left


@manager.scenario("address.arbitrary")
def some_address(mp):
    """Without an address a manager finds one that no other has."""
    kept, made = bank(mp), own(mp)
    with started(mp, made) as server:
        assert made.address != kept.address
        assert made.Account().where() == server.pid
        assert kept.Account().where() != server.pid


@manager.scenario("address.tells", doc=BASE + ".address")
def the_address_is_told(mp):
    """The attribute address is where the manager listens, with the port that the system chose for port 0."""
    made = own(mp, address=("127.0.0.1", 0))
    with started(mp, made) as server:
        host, port = made.address
        assert (host, port > 0) == ("127.0.0.1", True)
        guest = own(mp, address=(host, port))
        guest.connect()
        assert guest.address == (host, port)
        assert guest.Account().where() == server.pid


@manager.scenario("address.read-only", doc=BASE + ".address")
def the_address_stays(mp):
    """The attribute address cannot be assigned to."""
    kept = bank(mp)
    address = kept.address
    with raises(AttributeError):
        kept.address = "elsewhere"
    assert kept.address == address


@manager.scenario("authkey.given")
def its_own_key(mp):
    """A manager that was given a key lets in those who have it; those with another get AuthenticationError."""
    made = own(mp, authkey=KEY)
    with started(mp, made):
        account = made.Account()
        assert account.deposit(1) == 1
        guest = own(mp, address=made.address, authkey=KEY)
        guest.connect()
        assert guest.Account().deposit(2) == 2
        for other in b"another key", KEY[:-1], KEY + b"s", None:
            stranger = own(mp, address=made.address, authkey=other)
            with raises("AuthenticationError"):
                stranger.connect()
                stranger.Account()
        assert account.deposit(3) == 4


@manager.scenario("authkey.default")
def the_key_of_the_process(mp):
    """Without a key, a manager and those who connect to it use the key of the current process."""
    kept = bank(mp)
    for key in None, mp.current_process().authkey, bytes(mp.current_process().authkey):
        guest = own(mp, address=kept.address, authkey=key)
        guest.connect()
        assert guest.Account("guest").described() == ("guest", 0)
    stranger = own(mp, address=kept.address, authkey=KEY)
    with raises("AuthenticationError"):
        stranger.connect()
        stranger.Account()


def deposit_there(account, amount):
    account.deposit(amount)


@manager.scenario("authkey.children", doc=PAGE + "#proxy-objects")
def children_get_in(mp):
    """A proxy that is passed to Process() works there even if its manager has a key of its own."""
    made = own(mp, authkey=KEY)
    with started(mp, made):
        account = made.Account()
        with child(mp, deposit_there, account, 8) as process:
            process.join()
        assert process.exitcode == 0
        assert account.deposit(1) == 9


@manager.scenario("serializer.xmlrpclib")
def serialized_as_xml(mp):
    """With serializer "xmlrpclib", objects are made and called with what xmlrpc.client carries."""
    made = own(mp, serializer="xmlrpclib")
    with started(mp, made) as server:
        account = made.Account("me")
        assert account.where() == server.pid
        assert account.deposit(2, times=3) == 6
        assert account.history() == [6]
        guest = own(mp, address=made.address, serializer="xmlrpclib")
        guest.connect()
        assert guest.Account("me", 1.5).deposit(1) == 2.5


def serve(mp, conn, **given):
    server = own(mp, **given).get_server()
    conn.send(server.address)
    server.serve_forever()


def serve_at(mp, conn, address, authkey):
    serve(mp, conn, address=address, authkey=authkey)


@contextmanager
def serving(mp, address, authkey=None):
    """A child process that becomes a manager's; the block gets its id, and the address that its server tells."""
    mine, theirs = mp.Pipe()
    with child(mp, serve_at, mp, theirs, address, authkey) as process:
        theirs.close()
        told = mine.recv()
        ticks(process.pid)
        yield process.pid, told
        end(process)


@manager.scenario("get_server.serves", doc=BASE + ".get_server")
def any_process_serves(mp):
    """serve_forever() of what get_server() returns makes the calling process that of the manager."""
    with tempfile.TemporaryDirectory() as directory:
        address = os.path.join(directory, "m")
        with serving(mp, address, KEY) as (pid, _):
            for number in range(2):  # it goes on when a client is gone
                guest = own(mp, address=address, authkey=KEY)
                guest.connect()
                account = guest.the_account()
                assert account.where() == pid
                assert account.deposit(1) == number + 1
                del account, guest
                collect()


@manager.scenario("get_server.address", doc=BASE + ".get_server")
def a_server_tells_its_address(mp):
    """What get_server() returns has the attribute address, where it listens."""
    with serving(mp, ("127.0.0.1", 0)) as (pid, told):
        guest = own(mp, address=told)
        guest.connect()
        assert guest.Account().where() == pid


@manager.scenario("connect.shares", doc=BASE + ".connect")
def connected_managers_share(mp):
    """connect() makes a manager use the process that listens at its address: no other process, the same objects."""
    kept, before = bank(mp), mp.active_children()
    guest = own(mp, address=kept.address)
    guest.connect()
    assert mp.active_children() == before
    mine, theirs = kept.the_account(), guest.the_account()
    balance = mine.deposit(1)
    assert theirs.deposit(2) == balance + 2
    assert mine.where() == theirs.where() != os.getpid()


@manager.scenario("connect.nobody", doc=BASE + ".connect")
def nobody_is_there(mp):
    """connect() raises an exception if nobody listens at the address."""
    with tempfile.TemporaryDirectory() as directory:
        guest = own(mp, address=os.path.join(directory, "m"))
        with raises(Exception):
            guest.connect()


REMOTE = """
import importlib, sys
managers = getattr(mp, "managers", None) or importlib.import_module(PACKAGE + ".managers")

class Remote(managers.BaseManager):
    pass

Remote.register("the_account")
Remote.register("Account")

if __name__ == "__main__":
    host, port, key = sys.argv[1:]
    remote = Remote(address=(host, int(port)), authkey=key.encode())
    remote.connect()
    print(remote.the_account().deposit(amount=20))
    print(remote.Account("remote", balance=5).described())
"""


@manager.scenario("connect.remote", doc=PAGE + "#using-a-remote-manager")
def another_program_connects(mp):
    """Another program shares the objects by address and key, and need not know how they are made."""
    made = own(mp, address=("127.0.0.1", 0), authkey=KEY)
    with started(mp, made):
        account = made.the_account()
        account.deposit(3)
        host, port = made.address
        assert printed(REMOTE, host, str(port), KEY.decode()) == ["23", "('remote', 5)"]
        assert account.deposit(1) == 24
