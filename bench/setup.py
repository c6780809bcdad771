"""How the measured desk is set up: the small tables, written through the models."""

import random
from collections.abc import Sequence
from typing import Any

from bench import texts

PERMISSIONS = 120  # of every staff member


class Setup:
    def __init__(self, rng: random.Random) -> None:
        from reynard.desk import models

        self.categories = [
            models.Category.objects.create(
                name=f"Category {n}", prefix=f"C{n}", description=f"Everything about subject number {n} of this desk."
            )
            for n in range(1, 11)
        ]
        names = (
            ("New", True),
            ("Open", True),
            ("Waiting", True),
            ("On hold", True),
            ("Solved", False),
            ("Closed", False),
        )
        self.statuses = [
            models.Status.objects.create(
                name=name, behavior="pending" if pending else "completed", is_default=n == 0, order=n, color="7CB342"
            )
            for n, (name, pending) in enumerate(names)
        ]
        self.priorities = [
            models.Priority.objects.create(name=name, is_default=n == 1, order=n)
            for n, name in enumerate(("Low", "Medium", "High", "Urgent"))
        ]
        self.groups = [
            models.ContactGroup.objects.create(name=f"Group {n}", description=f"Customers of shop {n}")
            for n in range(1, 4)
        ]
        self.staff = self._staff(models, rng)
        self._fields(models)

    def _staff(self, models: Any, rng: random.Random) -> list[Any]:
        codes = [f"permission_to_{code}_{n}" for n in range(PERMISSIONS // 4) for code in ("see", "add", "edit", "end")]
        roles = [models.Role.objects.create(name=name, permissions=codes) for name in ("Administrator", "Agent")]
        staff = []
        for n in range(1, 21):
            first, last = texts.person(rng)
            person = models.Staff(
                email=f"{first}.{last}.{n}@desk.example.org".lower(),
                username=f"{first}{n}".lower(),
                first_name=first,
                last_name=last,
                role=roles[n > 2],
                is_account_admin=n <= 2,
            )
            person.set_unusable_password()
            person.save()
            person.categories.set(rng.sample(self.categories, 5))
            staff.append(person)
        return staff

    def _fields(self, models: Any) -> None:
        def field(kind: str, name: str, type: str, choices: Sequence[str] = (), **more: Any) -> Any:
            made = models.CustomField.objects.create(kind=kind, name=name, type=type, **more)
            for n, text in enumerate(choices):
                models.CustomFieldChoice.objects.create(field=made, text=text, order=n)
            return made

        self.product = field("ticket", "Product", "choice", ("Bicycle", "Part", "Repair", "Other"), required=True)
        self.serial = field("ticket", "Serial number", "text")
        self.cost = field("ticket", "Cost", "number")
        self.wanted = field("ticket", "Wanted by", "date")
        self.colours = field("ticket", "Colours", "multiple_choice", ("Red", "Green", "Blue"))
        for n, made in enumerate((self.product, self.serial, self.cost, self.wanted, self.colours)):
            for category in self.categories:
                models.CustomFieldCategory.objects.create(field=made, category=category, order=n)
        self.language = field("contact", "Language", "choice", ("English", "Français", "Deutsch"))
        self.customer_number = field("contact", "Customer number", "text", order=1)
