"""Managers: which connections they accept, and how another program connects to a manager."""

import os
import tempfile
from contextlib import contextmanager

from conformance import arg, child, raises, ticks
from specs.managers.managers import BASE, PAGE, bank, collect, end, manager, own, started
from specs.processes.contexts import printed

KEY = b"a key of its own"


@manager.scenario("address.given", family=arg.one_of("AF_INET", "AF_UNIX"))
def an_address_of_ones_own(mp, family):
    """A manager listens at the address with which it was created, of family AF_INET or AF_UNIX,
    and another manager can connect there."""
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
    """An address can be used again after its manager has been shut down, even if proxies for the manager's
    objects remain."""
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
    """A manager created without an address chooses one that no other manager uses."""
    kept, made = bank(mp), own(mp)
    with started(mp, made) as server:
        assert made.address != kept.address
        assert made.Account().where() == server.pid
        assert kept.Account().where() != server.pid


@manager.scenario("address.tells", doc=BASE + ".address")
def the_address_is_told(mp):
    """The attribute address is where the manager listens, including the port that the system chose for port 0."""
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
    """The attribute address is read-only: assigning to it raises AttributeError."""
    kept = bank(mp)
    address = kept.address
    with raises(AttributeError):
        kept.address = "elsewhere"
    assert kept.address == address


@manager.scenario("authkey.given")
def its_own_key(mp):
    """Connecting to a manager created with an authkey succeeds with the same key, and raises
    AuthenticationError with any other key."""
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
    """A manager created without an authkey uses the authkey of the current process, both to listen and to connect."""
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
    """A proxy passed as an argument to a new process works in that process even if its manager has its own authkey."""
    made = own(mp, authkey=KEY)
    with started(mp, made):
        account = made.Account()
        with child(mp, deposit_there, account, 8) as process:
            process.join()
        assert process.exitcode == 0
        assert account.deposit(1) == 9


@manager.scenario("serializer.xmlrpclib")
def serialized_as_xml(mp):
    """A manager with serializer "xmlrpclib" creates objects and calls their methods with values
    that xmlrpc.client can marshal."""
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
    """Runs a manager's server in a child process; yields the process ID and the address that the server reports."""
    mine, theirs = mp.Pipe()
    with child(mp, serve_at, mp, theirs, address, authkey) as process:
        theirs.close()
        told = mine.recv()
        ticks(process.pid)
        yield process.pid, told
        end(process)


@manager.scenario("get_server.serves", doc=BASE + ".get_server")
def any_process_serves(mp):
    """serve_forever() of the server that get_server() returns serves the manager's objects in the calling process."""
    with tempfile.TemporaryDirectory() as directory:
        address = os.path.join(directory, "m")
        with serving(mp, address, KEY) as (pid, _):
            for number in range(2):  # it continues when a client is gone
                guest = own(mp, address=address, authkey=KEY)
                guest.connect()
                account = guest.the_account()
                assert account.where() == pid
                assert account.deposit(1) == number + 1
                del account, guest
                collect()


@manager.scenario("get_server.address", doc=BASE + ".get_server")
def a_server_tells_its_address(mp):
    """The attribute address of the server that get_server() returns is where the server listens."""
    with serving(mp, ("127.0.0.1", 0)) as (pid, told):
        guest = own(mp, address=told)
        guest.connect()
        assert guest.Account().where() == pid


@manager.scenario("connect.shares", doc=BASE + ".connect")
def connected_managers_share(mp):
    """connect() makes a manager share the objects of the process that listens at its address, and starts no process."""
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
    """connect() raises an exception if no process listens at the address."""
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
    """Another program that has the address and authkey of a manager can share its objects
    without knowing how they are created."""
    made = own(mp, address=("127.0.0.1", 0), authkey=KEY)
    with started(mp, made):
        account = made.the_account()
        account.deposit(3)
        host, port = made.address
        assert printed(REMOTE, host, str(port), KEY.decode()) == ["23", "('remote', 5)"]
        assert account.deposit(1) == 24
