"""Broken managers: processes, keys, addresses and registries that are not as they should be."""

import copy
import inspect
import os
import tempfile
from multiprocessing import AuthenticationError, get_context, managers, util

from mutants import Mutant, Patched


def with_mixin(mixin):
    """The module with managers that have something from a mixin."""
    names = "BaseManager", "SyncManager"
    return Patched(managers, **{name: type(name, (mixin, getattr(managers, name)), {}) for name in names})


def with_server(server):
    """The module with managers whose process serves in another way."""

    class Mixin:
        _Server = server

        def get_server(self):
            return server(self._registry, self._address, self._authkey, self._serializer)

    return with_mixin(Mixin)


def exposing(which):
    """The module with managers that expose what ``which(obj, names)`` says."""

    class Server(managers.Server):
        def create(self, c, typeid, /, *args, **kwds):
            ident, exposed = super().create(c, typeid, *args, **kwds)
            obj, _, types = self.id_to_obj[ident]
            kept = tuple(which(obj, exposed))
            self.id_to_obj[ident] = obj, set(kept), types
            return ident, kept

    return with_server(Server)


def registering(change):
    """The module with managers that register something else: ``change`` gets the arguments and returns others."""

    class Mixin:
        @classmethod
        def register(
            cls, typeid, callable=None, proxytype=None, exposed=None, method_to_typeid=None, create_method=True
        ):
            super().register(typeid, *change(callable, proxytype, exposed, method_to_typeid, create_method))

    return with_mixin(Mixin)


def automatic(**methods):
    """A proxytype whose automatic proxies have other methods."""

    def proxytype(*args, **kwds):
        proxy = managers.AutoProxy(*args, **kwds)
        proxy.__class__ = type(type(proxy).__name__, (type(proxy),), methods)
        return proxy

    return proxytype


def started(ctx):
    made = managers.SyncManager(ctx=ctx)
    made.start()
    return made


class not_started(Mutant):
    """Returns a manager that still has to be started."""

    breaks = ("manager.started", "manager.garbage", "manager.parent-exit")

    def Manager(ctx):
        return managers.SyncManager(ctx=ctx)


class objects_at_home(Mutant):
    """Makes plain objects in the calling process."""

    breaks = ("manager.started",)

    class SyncManager(managers.SyncManager):
        def list(self, sequence=()):
            return list(sequence)

    def Manager(ctx):
        made = objects_at_home.SyncManager(ctx=ctx)
        made.start()
        return made


class never_garbage(Mutant):
    """Keeps every manager in a list, for the end of the program."""

    breaks = ("manager.garbage",)
    kept = []

    def Manager(ctx):
        never_garbage.kept.append(started(ctx))
        return never_garbage.kept[-1]


class only_shut_down_by_hand(Mutant):
    """Has no finalizer."""

    breaks = ("manager.garbage", "manager.parent-exit")

    def Manager(ctx):
        made = started(ctx)
        util._finalizer_registry.pop(made.shutdown._key)
        return made


class started_at_birth(Mutant):
    """Starts its process when it is created."""

    breaks = ("manager.start.serves",)

    class Mixin:
        def __init__(self, *args, **kwds):
            super().__init__(*args, **kwds)
            if self._address is None:
                managers.BaseManager.start(self)

        def start(self, *args):
            pass

    managers = with_mixin(Mixin)


class initialized_at_home(Mutant):
    """Calls the initializer before it starts the process, where a fork inherits the effect."""

    breaks = ("manager.start.initializer",)

    class Mixin:
        def start(self, initializer=None, initargs=()):
            if initializer:
                initializer(*initargs)
            super().start()

    managers = with_mixin(Mixin)


class always_spawns(Mutant):
    """Takes the context for a wish."""

    breaks = ("manager.ctx",)

    class BaseManager(managers.BaseManager):
        def __init__(self, *args, ctx=None, **kwds):
            super().__init__(*args, ctx=get_context("spawn"), **kwds)

    managers = Patched(managers, BaseManager=BaseManager)


class enters_without_start(Mutant):
    """Leaves it to the user to start the manager inside the block."""

    breaks = ("manager.context.starts", "manager.context.exception")

    class Mixin:
        def __enter__(self):
            return self

    managers = with_mixin(Mixin)


class enters_with_start(Mutant):
    """Starts the manager at the beginning of a block, whether it was started or not."""

    breaks = ("manager.context.started",)

    class Mixin:
        def __enter__(self):
            self.start()
            return self

    managers = with_mixin(Mixin)


class exit_does_nothing(Mutant):
    """Goes on after the block."""

    breaks = ("manager.context.starts", "manager.context.started", "manager.context.exception")

    class Mixin:
        def __exit__(self, *exc_info):
            pass

    managers = with_mixin(Mixin)


class exit_swallows(Mutant):
    """Tells the with statement that the exception is dealt with."""

    breaks = ("manager.context.exception",)

    class Mixin:
        def __exit__(self, *exc_info):
            self.shutdown()
            return True

    managers = with_mixin(Mixin)


class shutdown_is_a_wish(Mutant):
    """Does not shut down as long as there is garbage to be collected."""

    breaks = ("manager.shutdown.ends", "manager.shutdown.orderly", "manager.shutdown.unreachable")

    class Mixin:
        def start(self, *args, **kwds):
            super().start(*args, **kwds)
            self.shutdown = lambda: None

    managers = with_mixin(Mixin)


class terminated_at_once(Mutant):
    """Does not ask the process to stop."""

    breaks = ("manager.shutdown.orderly",)

    class Mixin:
        @staticmethod
        def _finalize_manager(process, *others):
            process.terminate()
            process.join()

    managers = with_mixin(Mixin)


class shutdown_once(Mutant):
    """Refuses to be shut down again."""

    breaks = ("manager.shutdown.repeated",)

    class Mixin:
        def start(self, *args, **kwds):
            super().start(*args, **kwds)
            once = [self.shutdown]
            self.shutdown = lambda: once.pop()()

    managers = with_mixin(Mixin)


class anybody_shuts_down(Mutant):
    """Stops the process at its address, whoever has started that."""

    breaks = ("manager.shutdown.only-started",)

    class Mixin:
        def shutdown(self):
            with self._Client(self._address, authkey=self._authkey) as conn:
                managers.dispatch(conn, None, "shutdown")

    managers = with_mixin(Mixin)


def or_nothing(self, *args, **kwds):
    try:
        return managers.BaseProxy._callmethod(self, *args, **kwds)
    except (EOFError, OSError):
        return None


class lost_calls_return(Mutant):
    """Returns None when nobody answers."""

    breaks = ("manager.shutdown.unreachable",)
    managers = registering(lambda *given: (given[0], given[1] or automatic(_callmethod=or_nothing), *given[2:]))


class impatient(Mutant):
    """Counts the timeout in milliseconds."""

    breaks = ("manager.shutdown_timeout.terminates", "manager.shutdown_timeout.kills")

    class Mixin:
        @staticmethod
        def _finalize_manager(*args):
            managers.BaseManager._finalize_manager(*args[:-1], args[-1] / 1000)

    managers = with_mixin(Mixin)


class kills_at_once(Mutant):
    """Kills where it should terminate."""

    breaks = ("manager.shutdown_timeout.terminates", "manager.shutdown_timeout.kills")

    class Mixin:
        @staticmethod
        def _finalize_manager(process, *others):
            process.terminate = process.kill
            managers.BaseManager._finalize_manager(process, *others)

    managers = with_mixin(Mixin)


class never_kills(Mutant):
    """Gives up when terminating does not help."""

    breaks = ("manager.shutdown_timeout.kills",)

    class Mixin:
        @staticmethod
        def _finalize_manager(process, *others):
            process.kill = process.join = lambda timeout=0: None
            managers.BaseManager._finalize_manager(process, *others)
            del process.kill, process.join

    managers = with_mixin(Mixin)


class address_ignored(Mutant):
    """Always finds an address itself."""

    breaks = ("manager.address.given",)

    class Mixin:
        def start(self, *args, **kwds):
            self._address = None
            super().start(*args, **kwds)

    managers = with_mixin(Mixin)


class connections_are_kept(Mutant):
    """Keeps its connection to an address, whoever listens there."""

    breaks = ("manager.address.again",)

    class Mixin:
        @staticmethod
        def _finalize_manager(process, address, *others):
            local = managers.BaseProxy._address_to_local.get(address)
            managers.BaseManager._finalize_manager(process, address, *others)
            if local:
                managers.BaseProxy._address_to_local[address] = local

    managers = with_mixin(Mixin)


class always_the_same(Mutant):
    """Listens at the same place in the directory for temporary files unless told otherwise."""

    breaks = ("manager.address.arbitrary",)

    class Mixin:
        def start(self, *args, **kwds):
            self._address = self._address or os.path.join(tempfile.gettempdir(), "manager")
            super().start(*args, **kwds)

    managers = with_mixin(Mixin)


class address_as_given(Mutant):
    """Tells port 0 for any port."""

    breaks = ("manager.address.given", "manager.address.tells")

    class Mixin:
        def start(self, *args, **kwds):
            given = self._address
            super().start(*args, **kwds)
            self._address = given or self._address

    managers = with_mixin(Mixin)


class address_for_all(Mutant):
    """Has an address that can be assigned to."""

    breaks = ("manager.address.read-only",)

    class Mixin:
        address = property(lambda self: self._address, lambda self, address: setattr(self, "_address", address))

    managers = with_mixin(Mixin)


class one_key_for_all(Mutant):
    """Uses the key of the process even if it is given another."""

    breaks = ("manager.authkey.given", "manager.authkey.default")

    class Mixin:
        def __init__(self, address=None, authkey=None, *args, **kwds):
            super().__init__(address, None, *args, **kwds)

    managers = with_mixin(Mixin)


class random_key(Mutant):
    """Makes up a key if none is given."""

    breaks = ("manager.authkey.default",)

    class Mixin:
        def __init__(self, address=None, authkey=None, *args, **kwds):
            super().__init__(address, authkey or os.urandom(20), *args, **kwds)

    managers = with_mixin(Mixin)


def without_key(*args, **kwds):
    proxy = managers.AutoProxy(*args, **kwds)
    proxy._authkey = proxy._authkey if kwds.get("manager") else None
    proxy.__class__ = type(type(proxy).__name__, (type(proxy),), {"__reduce__": reduced_without_key})
    return proxy


def reduced_without_key(proxy):
    rebuild, args = managers.BaseProxy.__reduce__(proxy)
    args[-1].pop("authkey", None)
    return rebuild, args


class key_stays_at_home(Mutant):
    """Pickles a proxy without the key, for children that are spawned, too."""

    breaks = ("manager.authkey.children",)
    start_method = "spawn"

    class BaseManager(managers.BaseManager):
        @classmethod
        def register(cls, typeid, callable=None, proxytype=None, *others, **kwds):
            super().register(typeid, callable, proxytype or without_key, *others, **kwds)

    managers = Patched(managers, BaseManager=BaseManager)


class pickles_only(Mutant):
    """Knows no serializer but pickle."""

    breaks = ("manager.serializer.xmlrpclib",)

    class Mixin:
        def __init__(self, address=None, authkey=None, serializer="pickle", *args, **kwds):
            super().__init__(address, authkey, {"pickle": "pickle"}[serializer], *args, **kwds)

    managers = with_mixin(Mixin)


class one_client(Mutant):
    """Stops when its first client has gone."""

    breaks = ("manager.get_server.serves",)

    class Server(managers.Server):
        def accept_connection(self, c, name):
            try:
                super().accept_connection(c, name)
            finally:
                self.stop_event.set()

    managers = with_server(Server)


class server_address_as_given(Mutant):
    """Has a server that tells the address for which it was asked."""

    breaks = ("manager.get_server.address",)

    class Server(managers.Server):
        def __init__(self, registry, address, *others):
            super().__init__(registry, address, *others)
            self.address = address or self.address

    managers = with_server(Server)


class connect_starts(Mutant):
    """Starts a process of its own in connect()."""

    breaks = ("manager.connect.shares",)

    class Mixin:
        def connect(self):
            self._address = None
            self.start()

    managers = with_mixin(Mixin)


class connects_later(Mutant):
    """Does not connect before there is something to do."""

    breaks = ("manager.connect.nobody",)

    class Mixin:
        def connect(self):
            self._state.value = managers.State.STARTED

    managers = with_mixin(Mixin)


def demand_callable(callable, proxytype, exposed, method_to_typeid, create_method):
    if create_method and callable is None:
        raise TypeError("a callable is needed")
    return callable, proxytype, exposed, method_to_typeid, create_method


class clients_need_callables(Mutant):
    """Demands a callable from those, too, who will not call it."""

    breaks = ("manager.connect.remote",)
    managers = registering(demand_callable)


class keywords_dropped(Mutant):
    """Does not pass keyword arguments on to the callable."""

    breaks = ("manager.register.method",)

    class Mixin:
        def _create(self, typeid, /, *args, **kwds):
            return super()._create(typeid, *args)

    managers = with_mixin(Mixin)


class copies_are_shared(Mutant):
    """Shares a copy of what the callable returns."""

    breaks = ("manager.register.same-referent", "manager.connect.shares", "manager.connect.remote")

    class Server(managers.Server):
        def __init__(self, registry, *others):
            copied = {typeid: (self.copying(entry[0]), *entry[1:]) for typeid, entry in registry.items()}
            super().__init__(copied, *others)

        def copying(self, callable):
            return callable if callable is None or isinstance(callable, type) else lambda *a: copy.copy(callable(*a))

    managers = with_server(Server)


class only_routines(Mutant):
    """Takes only functions and methods for what can be called."""

    breaks = ("manager.register.any-object", "manager.register.public")
    managers = exposing(lambda obj, names: [n for n in names if inspect.isroutine(getattr(obj, n, None))])


class everything_is_public(Mutant):
    """Exposes names with a leading underscore, too."""

    breaks = ("manager.register.public",)
    managers = exposing(
        lambda obj, names: [*names, "_audit"] if hasattr(obj, "_audit") and "described" in names else names
    )


class exposed_ignored(Mutant):
    """Exposes all public methods, whatever it is told."""

    breaks = ("manager.register.exposed", "manager.register.proxytype-exposes")
    managers = registering(lambda made, proxytype, exposed, *others: (made, proxytype, None, *others))


class exposed_must_be_public(Mutant):
    """Does not expose names with a leading underscore, though it is told to."""

    breaks = ("manager.register.exposed",)
    managers = exposing(lambda obj, names: [n for n in names if n[:1] != "_" or n[:2] == "__"])


class proxytype_ignored(Mutant):
    """Makes the types of proxies itself."""

    breaks = ("manager.register.proxytype",)
    managers = registering(
        lambda made, proxytype, exposed, *others: (
            made,
            None,
            exposed or getattr(proxytype, "_exposed_", None),
            *others,
        )
    )


class exposed_adds_up(Mutant):
    """Exposes what the type of the proxy exposes, too, when it is given a list."""

    breaks = ("manager.register.proxytype-exposes",)
    managers = registering(
        lambda made, proxytype, exposed, *others: (
            made,
            proxytype,
            exposed and [*exposed, *getattr(proxytype, "_exposed_", ())],
            *others,
        )
    )


class results_are_copied(Mutant):
    """Copies every result, and knows no other proxies than those that its own methods return."""

    breaks = ("manager.register.method-to-typeid",)
    managers = registering(lambda *given: (*given[:3], None, given[4]))


class proxytypes_map_nothing(Mutant):
    """Does not ask the type of the proxy which results are proxies."""

    breaks = ("manager.register.proxytype-maps",)

    class Mixin:
        @classmethod
        def register(cls, typeid, callable=None, proxytype=None, exposed=None, method_to_typeid=None, create=True):
            super().register(typeid, callable, proxytype, exposed, method_to_typeid, create)
            made, names, _, kind = cls._registry[typeid]
            cls._registry[typeid] = made, names, method_to_typeid, kind

    managers = with_mixin(Mixin)


class methods_for_all(Mutant):
    """Has a method for every type."""

    breaks = ("manager.register.create-method",)
    managers = registering(lambda *given: (*given[:4], True))


class registered_with_all(Mutant):
    """Registers a type with the base of all managers."""

    breaks = ("manager.register.subclass",)

    class Mixin:
        @classmethod
        def register(cls, *args, **kwds):
            for kind in cls.__mro__[: cls.__mro__.index(registered_with_all.Mixin)]:
                managers.BaseManager.register.__func__(kind, *args, **kwds)

    managers = with_mixin(Mixin)


class one_registry(Mutant):
    """Has one registry for all managers."""

    breaks = ("manager.register.own-types",)

    class Mixin:
        _registry = {}  # filled by all

        @classmethod
        def register(cls, typeid, *args, **kwds):
            super().register(typeid, *args, **kwds)
            one_registry.Mixin._registry[typeid] = cls._registry[typeid]

        def start(self, *args, **kwds):
            self._registry = {**self._registry, **one_registry.Mixin._registry}
            super().start(*args, **kwds)

    managers = with_mixin(Mixin)


class never_deleted(Mutant):
    """Does not count proxies, and keeps everything."""

    breaks = (
        "manager.cleanup.deleted",
        "manager.cleanup.elsewhere",
        "manager.cleanup.inherited",
        "manager.cleanup.results",
    )

    class Server(managers.Server):
        def decref(self, c, ident):
            pass

    managers = with_server(Server)


def uncounted(*args, **kwds):
    proxy = managers.AutoProxy(*args, **kwds)
    for key in [key for key, registered in util._afterfork_registry.items() if registered is proxy]:
        del util._afterfork_registry[key]
    return proxy


class forks_do_not_count(Mutant):
    """Does not count the proxies that a child process inherits by fork."""

    breaks = ("manager.cleanup.inherited",)
    managers = registering(lambda *given: (given[0], given[1] or uncounted, *given[2:]))


class Forgetful(dict):
    def __setitem__(self, key, value):
        pass


class containers_do_not_count(Mutant):
    """Deletes an object although a proxy of it is in another one."""

    breaks = ("manager.cleanup.contained",)

    class Server(managers.Server):
        def __init__(self, *args):
            super().__init__(*args)
            self.id_to_local_proxy_obj = Forgetful()

    managers = with_server(Server)


class strangers_get_errors(Mutant):
    """Refuses those who connect with an error of the system."""

    breaks = ("manager.authkey.given", "manager.authkey.default")

    class Mixin:
        def connect(self):
            try:
                super().connect()
            except AuthenticationError as error:
                raise OSError(str(error)) from None

    managers = with_mixin(Mixin)
