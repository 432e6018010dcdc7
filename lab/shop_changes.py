"""The changes a busy shop makes to its data; each is the body of one transaction."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import LiteralString

import psycopg
from psycopg.types.json import Jsonb

_NAMES = ("Grace Hopper", "Søren Åkesson", "李小龍", "Анна Каренина", "فاطمة", "Renée 🐙", "D'Arcy", "Γιώργος")
_NOTES = ("🎁 Geschenk", "", None, "急いでください", "left at the door 🚪", "Позвоните", "tab\there", "  spaces  ")
_HEX = "0123456789abcdef"


class Shop:
    def __init__(self, connection: psycopg.Connection, random: Random) -> None:
        self._connection = connection
        self.random = random

    def new_customer(self) -> None:
        self._insert_customer()

    def new_order(self) -> None:
        customer = self._any("customers") or self._insert_customer()
        row = self._one(
            "INSERT INTO orders (customer_id, status, note) VALUES (%s, 'new', %s) RETURNING id",
            customer,
            self.random.choice(_NOTES),
        )
        assert row is not None
        for line in range(1, self.random.randint(2, 6)):
            self._do(
                "INSERT INTO order_items SELECT %s, %s, id, %s, price, %s FROM products WHERE id = %s",
                row, line, self.random.randint(1, 9), self.random.choice((None, 0.05, 0.25)), self._any("products"),
            )  # fmt: skip
        self._total(row)

    def advance_order(self) -> None:
        self._do(
            "UPDATE orders SET status = %s, shipped_on = CASE WHEN %s THEN date '2026-01-01' + (id %% 300)::int END WHERE id = %s",
            self.random.choice(("paid", "shipped", "cancelled")),
            self.random.random() < 0.5,
            self._any("orders"),
        )

    def price_product(self) -> None:
        """The long description is not touched, so the stream carries it as unchanged."""
        change = round(self.random.uniform(-0.5, 0.5), 4)
        self._do(
            "UPDATE products SET price = abs(price + %s::numeric), changed_at = clock_timestamp() WHERE id = %s",
            str(change),
            self._any("products"),
        )

    def describe_product(self) -> None:
        text = "".join(self.random.choices(_HEX, k=9000)) + " 📦"
        self._do("UPDATE products SET description = %s WHERE id = %s", text, self._any("products"))

    def rename_customer(self) -> None:
        self._do(
            "UPDATE customers SET name = %s, credit = credit + %s::numeric, preferences = preferences || %s WHERE id = %s",
            self.random.choice(_NAMES),
            f"{self.random.randint(0, 9999) / 100:.2f}",
            Jsonb({"mood": self.random.choice("😀😐🙁"), "visits": self.random.randint(1, 10**12)}),
            self._any("customers"),
        )

    def delete_order(self) -> None:
        order = self._any("orders")
        self._do("DELETE FROM order_items WHERE order_id = %s", order)
        self._do("DELETE FROM orders WHERE id = %s", order)

    def delete_customer(self) -> None:
        """Cascades to the orders and their items."""
        self._do("DELETE FROM customers WHERE id = %s", self._any("customers"))

    def move_customer(self) -> None:
        """A key change that takes the customer's orders along."""
        self._do("UPDATE customers SET id = %s WHERE id = %s", self._free("customers"), self._any("customers"))

    def renumber_item(self) -> None:
        """A change of one part of a composite key."""
        order = self._any("orders")
        self._do(
            "UPDATE order_items AS i SET line_no = (SELECT max(line_no) + 1 FROM order_items WHERE order_id = i.order_id)"
            " WHERE order_id = %s AND line_no = (SELECT min(line_no) FROM order_items WHERE order_id = i.order_id)",
            order,
        )

    def exchange_items(self) -> None:
        """Deletes and inserts the same key in one transaction."""
        order = self._any("orders")
        self._do("DELETE FROM order_items WHERE order_id = %s", order)
        self._do(
            "INSERT INTO order_items SELECT o.id, 1, p.id, %s, p.price, NULL FROM orders AS o, products AS p"
            " WHERE o.id = %s AND p.id = %s",
            self.random.randint(1, 9),
            order,
            self._any("products"),
        )
        if order is not None:
            self._total(order)

    def new_product(self) -> None:
        key = self._free("products")
        self._do(
            "INSERT INTO products (id, sku, name, price, weight_kg, tags, description) VALUES (%s, %s, %s, %s::numeric, %s, %s, %s)",
            key, f"SKU-{key:06d}", self.random.choice(_NAMES), f"{self.random.randint(1, 10**9)}.{self.random.randint(0, 9999):04d}",
            self.random.random(), Jsonb(["new", "🆕"]), None,
        )  # fmt: skip

    def _insert_customer(self) -> int:
        key = self._free("customers")
        self._do(
            "INSERT INTO customers (id, name, email, country) VALUES (%s, %s, %s, 'DE')",
            key,
            f"{self.random.choice(_NAMES)} {key}",
            f"{key}.{self.random.getrandbits(40):x}@example.org",
        )
        return key

    def _total(self, order: int) -> None:
        self._do(
            "UPDATE orders SET total = (SELECT coalesce(sum(quantity * unit_price), 0) FROM order_items WHERE order_id = orders.id)"
            " WHERE id = %s",
            order,
        )

    def _any(self, table: LiteralString) -> int | None:
        """A key at or after a random point of the key range: cheap, and the same for the same seed."""
        return self._one(
            f"WITH span AS (SELECT min(id) AS low, max(id) AS high FROM {table})"
            f" SELECT id FROM {table}, span WHERE id >= low + floor((high - low) * %s::float8) ORDER BY id LIMIT 1",
            self.random.random(),
        )

    def _free(self, table: LiteralString) -> int:
        key = self._one(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
        assert key is not None
        return key

    def _one(self, statement: LiteralString, *values: object) -> int | None:
        row = self._connection.execute(statement, values).fetchone()
        return None if row is None else row[0]

    def _do(self, statement: LiteralString, *values: object) -> None:
        self._connection.execute(statement, values)


# What can happen, and how often compared with the rest.
CHANGES: dict[str, tuple[Callable[[Shop], None], int]] = {
    "new_order": (Shop.new_order, 30),
    "advance_order": (Shop.advance_order, 25),
    "price_product": (Shop.price_product, 15),
    "rename_customer": (Shop.rename_customer, 12),
    "delete_order": (Shop.delete_order, 12),
    "new_customer": (Shop.new_customer, 8),
    "exchange_items": (Shop.exchange_items, 6),
    "renumber_item": (Shop.renumber_item, 5),
    "describe_product": (Shop.describe_product, 3),
    "move_customer": (Shop.move_customer, 3),
    "new_product": (Shop.new_product, 2),
    "delete_customer": (Shop.delete_customer, 1),
}
