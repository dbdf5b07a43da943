"""What `watch` hears between its looks, with a hook at the outermost module alone, is what it would hear with hooks on all."""

import torch
from torch import nn

import deepglass as dg

X, Y = torch.randn(16, 3, generator=torch.Generator().manual_seed(0)), torch.arange(16) % 2


def hooks_on(network):
    return sum(len(module._forward_pre_hooks) + len(module._forward_hooks) for module in network.modules())


def trained(network, steps, step=None, **watched):
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    seen = []
    with dg.watch(network, **watched) as evidence:
        for k in range(steps):
            seen.append(hooks_on(network))
            if step is not None:
                step(network, optimizer, k)
                continue
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(X), Y).backward()
            optimizer.step()
            with torch.no_grad():
                network.eval()(X)
            network.train()
    assert hooks_on(network) == 0
    return evidence, seen


def small():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))


def test_hooks_are_on_all_modules_only_where_it_looks():
    network = small()
    evidence, hooks = trained(network, 12)
    assert [k for k, count in enumerate(hooks) if count > 1] == [0, 1, 2, 4, 8] == list(evidence.steps)
    assert hooks[3] == 1


def test_between_the_looks_everything_is_counted():
    evidence, _ = trained(small(), 40)
    loop = evidence.loop
    assert [loop[n] for n in ("forwards", "backwards", "optimizer_steps", "judgements")] == [40] * 4
    assert loop["steps_without_backward"] == loop["backwards_in_evaluation_mode"] == 0
    assert loop["judgements_in_training_mode"] == 0
    assert [end for end, _, _ in evidence.losses] == list(range(1, 41))


def test_a_loop_in_evaluation_mode_is_seen_between_the_looks_too():
    def step(network, optimizer, k):
        network.eval()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(X), Y).backward()
        optimizer.step()

    evidence, _ = trained(small(), 20, step)
    assert evidence.loop["backwards_in_evaluation_mode"] == evidence.loop["backwards"] == 20


def test_parts_that_a_loop_calls_itself_keep_their_hooks():
    def step(network, optimizer, k):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network[3](network[1](network[0](X))), Y).backward()
        optimizer.step()

    evidence, hooks = trained(small(), 20, step)
    assert hooks[3] == 3 and evidence.loop["forwards"] == 60 and evidence.loop["backwards"] == 20


def test_backward_passes_of_others_are_not_taken_for_the_networks():
    other = nn.Linear(4, 1)

    def step(network, optimizer, k):
        given = network[0](X).detach()  # as a generator gives to a discriminator
        other(given).mean().backward()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(X), Y).backward()
        optimizer.step()

    evidence, _ = trained(small(), 20, step)
    assert evidence.loop["backwards"] == 20


def test_a_loop_that_goes_over_to_other_calls_is_heard_again():
    def step(network, optimizer, k):
        optimizer.zero_grad()
        out = network(X) if k < 10 else network[3](network[1](network[0](X)))
        nn.functional.cross_entropy(out, Y).backward()
        optimizer.step()

    evidence, hooks = trained(small(), 40, step)
    assert evidence.loop["backwards"] >= 38 and evidence.loop["steps_without_backward"] == 0
    assert hooks[-1] > 1


def test_steps_without_a_backward_pass_are_counted_between_the_looks_too():
    def step(network, optimizer, k):
        loss = nn.functional.cross_entropy(network(X), Y)
        if k < 10:
            loss.backward()
        optimizer.step()

    evidence, _ = trained(small(), 40, step)
    assert evidence.loop["backwards"] <= 11 and evidence.loop["steps_without_backward"] >= 28


def test_compiled_functions_are_not_compiled_again_for_each_look():
    network, counted = small(), []

    def count(module, inputs):
        counted.append(module)
        return module.forward

    compiled = torch.compile(network, backend=count)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with dg.watch(compiled) as evidence:
        for _ in range(12):
            optimizer.zero_grad()
            nn.functional.cross_entropy(compiled(X), Y).backward()
            optimizer.step()
    assert evidence.loop["backwards"] == 12 and len(counted) <= 2
