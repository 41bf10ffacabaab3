"""Nodes: any number of vessel ends, beds, loads and a boundary at one point.

A node has one head (common_head.py), a given pressure (given_pressure.py), or a supercritical stream that passes it (stream.py). Afterwards no
vessel and no bed gives more than it has, and the node is in balance.
"""

from __future__ import annotations

from calfpump.flow.arrays import BED_LEAK, BED_MOST, BED_OUT, BED_R, BED_TOTAL, CAPACITY, NEW_HEAD, PRESSURE, REFLECTION_FREE, STAR_Q, STATIC
from calfpump.flow.common_head import bracketed, newton
from calfpump.flow.compiled import kernel
from calfpump.flow.dry_cells import BOILING
from calfpump.flow.given_pressure import absorb, hold_pressure
from calfpump.flow.linear_heads import linear_heads, smooth
from calfpump.flow.outer_pressure import height_of
from calfpump.flow.stream import arriving, stream_through


@kernel
def _rebalance(n, source, node_ends, node_beds, ends, bed_work):
    """After flows into the node were held back: scale the flows out of it so that the node is in balance."""
    given, taken = source, 0.0
    for j in range(1, node_ends[n, 0] + 1):
        q = ends[STAR_Q, node_ends[n, j]]
        given -= min(q, 0.0)
        taken += max(q, 0.0)
    for j in range(1, node_beds[n, 0] + 1):
        q = bed_work[node_beds[n, j], BED_OUT]
        given += max(q, 0.0)
        taken -= min(q, 0.0)
    share = max(given, 0.0) / taken if taken > 0.0 else 1.0
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if ends[STAR_Q, e] > 0.0:
            ends[STAR_Q, e] *= share
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        if bed_work[b, BED_OUT] < 0.0:
            bed_work[b, BED_OUT] *= share


@kernel
def _bed_outflows(n, head, node_beds, bed_work):
    """Outflow of the beds at the node's head; True if a reservoir had less to give."""
    limited = False
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        p = bed_work[b, BED_TOTAL]
        q = (1.0 if p > head else bed_work[b, BED_LEAK]) / bed_work[b, BED_R] * (p - head)
        if q > bed_work[b, BED_MOST]:
            q, limited = bed_work[b, BED_MOST], True
        bed_work[b, BED_OUT] = q
    return limited


@kernel
def _hold_to_capacity(n, node_ends, ends):
    """Outflow of vessels into a node no larger than what their cells have; True if one was."""
    limited = False
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if -ends[STAR_Q, e] > ends[CAPACITY, e]:
            ends[STAR_Q, e] = -ends[CAPACITY, e]
            limited = True
    return limited


@kernel
def solve_nodes(unknowns, totals, counts, drive, nodes, ends, bed_work, law, blood, dt):
    """Star states of all vessel ends and outflow of all beds; cumulates what came in through the boundaries."""
    rho, rho_g = blood.rho, blood.rho * blood.g
    par, rows, tail = law.vessel, law.rows, law.tail
    node_ends, node_beds, kind, signal_of, height = nodes.ends, nodes.beds, nodes.kind, nodes.signal, nodes.height
    now, w, heads, sources = drive.now, drive.w, unknowns.head, totals.source
    calm = linear_heads(now, w, nodes, ends, bed_work, rho, rho_g)
    for n in range(kind.size):
        signal = now[signal_of[n]] if signal_of[n] >= 0 else 0.0
        head, good = heads[n], True
        rho_g_z = rho_g * height_of(n, height, w)
        given = kind[n] == PRESSURE or kind[n] == REFLECTION_FREE
        H = ends[NEW_HEAD, node_ends[n, 1]]
        if H >= BOILING + rho_g_z and (calm or smooth(n, node_ends, ends)):
            heads[n] = H
            source = signal
            limited = node_beds[n, 0] > 0 and _bed_outflows(n, H, node_beds, bed_work)
            if limited and not given:
                _rebalance(n, signal, node_ends, node_beds, ends, bed_work)
            if limited or given:
                source = _net(n, node_ends, node_beds, ends, bed_work)
            sources[n] += dt * source
            continue
        if given:
            head = signal + rho_g_z
            if kind[n] == PRESSURE:
                hold_pressure(n, head, node_ends, ends, par, rows, tail, rho)
            else:
                head = absorb(n, head, node_ends, ends, par, rows, tail, rho)
        else:
            static = kind[n] == STATIC
            boiling = BOILING + rho_g_z
            good, H = newton(n, head, static, signal, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
            good &= H >= boiling
            passing = False
            if not static and signal == 0.0 and node_beds[n, 0] == 0:
                q, arriving_head, speed = arriving(n, node_ends, ends, rho)
                # a jump at the node would lose head: no stream where it gains
                if q > 0.0 and not (good and H >= arriving_head):
                    passing = stream_through(n, q, arriving_head, speed, node_ends, ends, par, rows, tail, rho)
            if passing:
                good, head = False, arriving_head
            elif good:
                head = H
            else:
                head = bracketed(n, head, boiling, static, signal, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
                counts[1] += 1
        heads[n] = head
        limited = _bed_outflows(n, head, node_beds, bed_work)
        limited |= _hold_to_capacity(n, node_ends, ends)
        source = signal
        if given:
            source = _net(n, node_ends, node_beds, ends, bed_work)
        elif limited or not good:
            _rebalance(n, signal, node_ends, node_beds, ends, bed_work)
            source = _net(n, node_ends, node_beds, ends, bed_work)
        sources[n] += dt * source


@kernel
def _net(n, node_ends, node_beds, ends, bed_work):
    """What enters the network at a node: flow into its vessels less the outflow of its beds."""
    net = 0.0
    for j in range(1, node_ends[n, 0] + 1):
        net += ends[STAR_Q, node_ends[n, j]]
    for j in range(1, node_beds[n, 0] + 1):
        net -= bed_work[node_beds[n, j], BED_OUT]
    return net
