"""The registers, by code. A further one is a module with a declaration here, and nothing else."""

from care.register import Register
from care.registers.assignment import ASSIGNMENT
from care.registers.difficulty import DIFFICULTY
from care.registers.discipline import DISCIPLINE
from care.registers.elderly import ELDERLY
from care.registers.floating import FLOATING
from care.registers.household import HOUSEHOLD
from care.registers.illness import ILLNESS
from care.registers.injured import INJURED
from care.registers.leader import LEADER
from care.registers.lost import LOST
from care.registers.pairing import PAIRING
from care.registers.posting import POSTING
from care.registers.psychology import PSYCHOLOGY

REGISTERS: dict[str, Register] = {
    each.code: each
    for each in (
        DIFFICULTY,
        ILLNESS,
        HOUSEHOLD,
        INJURED,
        ELDERLY,
        PAIRING,
        LEADER,
        FLOATING,
        LOST,
        POSTING,
        DISCIPLINE,
        PSYCHOLOGY,
        ASSIGNMENT,
    )
}
