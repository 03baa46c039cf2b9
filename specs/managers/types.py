"""Managers: the types of a manager class, and how they are registered."""

import os

from conformance import module, raises
from specs.managers.managers import BASE, PAGE, Account, Mark, account_proxy, bank, collect, manager, own, started

REGISTER = BASE + ".register"


@manager.scenario("register.method", doc=REGISTER)
def typeids_are_methods(mp):
    """register() adds a method named typeid, which calls callable in the manager's process and returns a proxy
    for the result."""
    kept = bank(mp)
    assert kept.Account().described() == ("nobody", 0)
    assert kept.Account("me", balance=5).described() == ("me", 5)
    assert kept.Account(balance=1, owner="you").described() == ("you", 1)
    first, second = kept.Account(), kept.Account()
    assert first.where() != os.getpid()
    assert (first.deposit(1), second.deposit(2), first.deposit(3)) == (1, 2, 4)


@manager.scenario("register.same-referent", doc=PAGE + "#proxy-objects")
def one_object_for_many(mp):
    """All proxies refer to the same object if callable always returns that object, which outlives each of
    its proxies."""
    kept = bank(mp)
    first, second = kept.the_account(), kept.the_account()
    balance = first.deposit(1)
    assert second.deposit(1) == balance + 1
    del first
    collect()
    assert second.deposit(1) == balance + 2
    del second
    collect()
    assert kept.the_account().deposit(1) == balance + 3


@manager.scenario("register.any-object", doc=PAGE + "#examples")
def any_object_is_shared(mp):
    """register() accepts any callable, and an object of any type is shared, even a module with its public functions."""
    operators = bank(mp).operators()
    assert operators.add(23, 45) == 68
    assert operators.itemgetter(1)("ab") == "b"
    assert operators.mul("ab", 2) == "abab"
    assert not hasattr(operators, "__add__")


@manager.scenario("register.public", doc=REGISTER)
def public_methods_are_exposed(mp):
    """Callable attributes whose names have no leading underscore are exposed by default, and no others."""
    account = bank(mp).Account("me", 2)
    assert account.deposit(1, times=3) == 5
    assert account._callmethod("deposit", (1,)) == 6
    assert account.described() == account._callmethod("described") == ("me", 6)
    assert account.initial("letters") == "l"
    for hidden in "_audit", "__init__", "__getattribute__", "balance":
        with raises(Exception):
            account._callmethod(hidden)
    assert not hasattr(account, "_audit")


@manager.scenario("register.exposed", doc=REGISTER)
def the_exposed_are_exposed(mp):
    """Exactly the methods named in exposed, a tuple or a list, can be called, even those with a leading underscore."""
    kept = bank(mp)
    audited, listed = kept.Audited(), kept.Listed()
    assert audited.deposit(2) == 2
    assert audited._audit() == audited._callmethod("_audit") == "audited"
    assert listed.history() == [0]
    assert not hasattr(audited, "history")
    for proxy, hidden in (audited, "history"), (audited, "described"), (listed, "deposit"), (listed, "_audit"):
        with raises(Exception):
            proxy._callmethod(hidden, (1,) if hidden == "deposit" else ())
    assert audited.deposit(2) == 4


@manager.scenario("register.proxytype", doc=REGISTER)
def proxytypes_are_used(mp):
    """Proxies are instances of proxytype or, if proxytype is omitted, of an automatically created
    subclass of BaseProxy that has the exposed methods."""
    kept, base = bank(mp), module(mp, "managers").BaseProxy
    typed, automatic = kept.Typed(), kept.Account()
    assert type(typed) is account_proxy(base)
    assert typed.twice(4) == 8
    assert type(automatic) is not base
    assert isinstance(automatic, base)
    assert automatic.deposit(4) == 4
    assert list(kept.squares(4)) == [0, 1, 4, 9]


@manager.scenario("register.proxytype-exposes", doc=REGISTER)
def proxytypes_expose(mp):
    """The attribute _exposed_ of proxytype names the exposed methods if exposed is omitted. Otherwise, exposed does."""
    kept = bank(mp)
    typed, listed = kept.Typed(), kept.TypedListed()
    assert typed._callmethod("_audit") == "audited"
    with raises(Exception):
        typed._callmethod("history")
    assert listed._callmethod("history") == [0]
    with raises(Exception):
        listed._callmethod("_audit")


@manager.scenario("register.method-to-typeid", doc=REGISTER)
def some_methods_return_proxies(mp):
    """A method named in method_to_typeid returns a proxy of the given typeid for its result. Any other method
    returns a copy."""
    kept = bank(mp)
    account = kept.Partnered("me")
    first, second = account.partner(), account.partner()
    assert isinstance(first, module(mp, "managers").BaseProxy)
    assert first.deposit(1) == 8
    assert second.deposit(1) == 9
    assert not hasattr(first, "partner")  # the other typeid exposes fewer methods
    with raises(Exception):
        first._callmethod("partner")
    history = account.history()
    assert type(history) is list
    history.append("not there")
    assert account.history() == [0]


@manager.scenario("register.proxytype-maps", doc=REGISTER)
def proxytypes_map_methods(mp):
    """The attribute _method_to_typeid_ of proxytype is used if method_to_typeid is omitted. The arguments of
    register() can be positional."""
    kept, base = bank(mp), module(mp, "managers").BaseProxy
    typed, by_position = kept.Typed(), kept.Positional()
    for account in typed, by_position:
        assert isinstance(account.partner(), base)
        assert account.partner().deposit(2) == 9
    assert by_position._callmethod("history") == [0]
    assert type(by_position) is type(typed)


@manager.scenario("register.create-method", doc=REGISTER)
def types_without_a_method(mp):
    """A manager has no method named typeid if create_method is false, but methods can return proxies of that typeid."""
    kept = bank(mp)
    assert not hasattr(kept, "Unmade")
    assert hasattr(kept, "Audited")
    assert kept.Partnered().partner()._callmethod("deposit", (3,)) == 10


@manager.scenario("register.subclass", doc=PAGE + "#customized-managers")
def subclasses_keep_to_themselves(mp):
    """Types registered with a manager class are available in its subclasses, but not in its base or sibling classes."""
    base = module(mp, "managers").SyncManager
    customized_one = type(bank(mp))

    class Sibling(base):
        pass

    class Grandchild(customized_one):
        pass

    Grandchild.register("Another", Account)
    for kind, has in (base, ""), (Sibling, ""), (customized_one, "Account"), (Grandchild, "Account Another"):
        assert " ".join(name for name in ("Account", "Another") if hasattr(kind, name)) == has
    guest = Grandchild(address=bank(mp).address, ctx=mp)
    guest.connect()
    assert guest.Account().deposit(1) == 1
    assert len(guest.list([1, 2])) == 2
    with raises(Exception):  # the process was started without this type
        guest.Another()


@manager.scenario("register.own-types", doc=REGISTER)
def typeids_belong_to_a_class(mp):
    """The same typeid can refer to different types in different manager classes."""
    made = own(mp)

    class Sibling(module(mp, "managers").BaseManager):
        pass

    Sibling.register("Account", Mark)
    with started(mp, made):
        assert made.Account("me").described() == ("me", 0)
