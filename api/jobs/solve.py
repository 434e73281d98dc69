"""What runs inside the solving process: the only place of the service that loads the solvers."""

from importlib import import_module

from api.settings import Settings, keep_numba_cache
from routing.delivery.plan import DeliveryPlan
from routing.delivery.problem import DeliveryProblem
from routing.pick.plan import BatchPlan
from routing.pick.problem import BatchProblem, Cart, Layout, Load, Stop

BATCH_ITERATIONS = 20_000
ROUTE_SOLUTIONS = 200
ROUTE_TIME_S_MAX = 30


def prepare(settings: Settings) -> None:
    """Runs once at the start of the process."""
    keep_numba_cache(settings)


def batches(problem: BatchProblem, seed: int) -> BatchPlan:
    """A batch plan, by iterations, so that a seed repeats."""
    plan: BatchPlan = import_module("routing.pick.batch").plan_batches(
        problem, BATCH_ITERATIONS, seed
    )
    return plan


def routes(problem: DeliveryProblem, seed: int) -> DeliveryPlan:
    """A delivery plan; it ends by solutions long before its time limit."""
    plan: DeliveryPlan = import_module("routing.delivery.planner").plan_deliveries(
        problem, seed, ROUTE_TIME_S_MAX, ROUTE_SOLUTIONS
    )
    return plan


def warm_up() -> None:
    """Compiles the kernels on a problem of two totes."""
    loads = tuple(Load(str(n), (Stop(n, 1_000), Stop(1, 2_000)), 1, 1) for n in range(2))
    batches(BatchProblem(Layout(2, 10_000, 3_000), loads, Cart(mass_g_max=1_000)), 1)
