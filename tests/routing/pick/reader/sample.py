"""Small files of our own in the formats that are read."""

TOUR = """\
NAME : two_aisles.txt
TYPE : Single_picker_routing
COMMENT : Heßler
LAYOUT : single-block
NUM_AISLES : 2
NUM_CELLS : 4
DEPOT_AISLE : 1
DEPOT_LOCATION : bottom
DISTANCE_AISLE_TO_AISLE : 3
DISTANCE_CELL_TO_CELL : 1
DISTANCE_TOP_TO_CELL : 2
DISTANCE_BOTTOM_TO_CELL : 1.5
DISTANCE_TOP_OR_BOTTOM_TO_DEPOT : 0
ARTICLE_SECTION
NUM_ARTICLES : 2
ID 0
ID 1
SKU_SECTION
NUM_SKUS : 2
ID 1 AISLE 0 CELL 3 QUANTITY 1 LEFT_RIGHT_HAND_SIDE right
ID 0 AISLE 1 CELL 0 QUANTITY 1 LEFT_RIGHT_HAND_SIDE left
ORDER_SECTION
NUM_ARTICLES : 2
ID 0 QUANTITY 1
ID 1 QUANTITY 5
EOF"""

BATCHES = """\
NAME : two_orders.txt
TYPE : Order_batching
COMMENT : own
PICKER_CAPACITY : 4
LAYOUT : single-block
NUM_AISLES : 2
NUM_CELLS : 4
DEPOT_AISLE : 0
DEPOT_LOCATION : bottom
DISTANCE_AISLE_TO_AISLE : 2.4
DISTANCE_CELL_TO_CELL : 1
DISTANCE_TOP_TO_CELL : 1
DISTANCE_BOTTOM_TO_CELL : 1
DISTANCE_TOP_OR_BOTTOM_TO_DEPOT : 0
ARTICLE_SECTION
NUM_ARTICLES : 2
ID 0 WEIGHT 1
ID 7 WEIGHT 0.5
SKU_SECTION
NUM_SKUS : 2
ID 7 AISLE 0 CELL 3 QUANTITY 1 LEFT_RIGHT_HAND_SIDE left
ID 0 AISLE 1 CELL 0 QUANTITY 1 LEFT_RIGHT_HAND_SIDE left
ORDER_SECTION
NUM_ORDERS : 2
NUM_ARTICLES_IN_ORDER : 2
ID 0 QUANTITY 1
ID 7 QUANTITY 2
NUM_ARTICLES_IN_ORDER : 1
ID 0 QUANTITY 3
EOF
"""

# Four nodes in a row: the depot 0, crossing 3, and products at 1 and 2; 4 is where walks end.
ARCS = """\
//Graph (Products are vertices indexed from 1 to NbLocations)
//NbVerticesIntersections
1
//DepartingDepot
0
//ArrivalDepot
4
//Arcs
//Start End Distance
0 3 2.5
3 0 2.5
3 1 1
1 3 1.0
1 2 4.25
2 1 4.25
3 4 7
//LocStart LocEnd ShortestPath
0 1 3.5
0 2 7.75
"""

TROLLEYS = f"""\
//NbLocations
4
//NbProducts
3
//K: NbBoxesTrolley
2
//NbDimensionsCapacity
1
//B: CapaBox
10
//A box can accept mixed orders(0: no, 1: yes)
0
//Products
//Idx Location Volume
1 1 1
2 2 2
3 1 0.5
//Orders
//Nb Orders
2
//Idx M NbProdInOrder ProdIdx1 Qty1 ProdIdx2 Qty2 ...
1 2 2 1 4 2 5
2 1 1 3 6
{ARCS}//Vertices coordinates LocationName
0 0.0 -1.0 "depot"
1 0.0 3.5 "product aisle 0"
2 0.0 7.75 "product aisle 0"
3 0.0 2.5 "intersection"
4 0.0 -1.0 "depot"
"""

DEADLINES = f"""\
//alpha
1
//NbLocations
4
//NbProducts
2
//NbPickers
2
//CapaPicker
3
//TimeToTravelOneDistanceUnit
3
//SetupTime
60
//PickTime
20
//Products
//Idx Location Size
1 1 1
2 2 1
//Orders
//NbOrders
2
//Idx DueDate TardinessPenalty NbProdInOrder ProdIdx1 Qty1 ProdIdx2 Qty2 ...
1 900 0 2 1 1 2 1
2 400 0 1 2 1
{ARCS}//Location coordinates LocationName
//Loc x y
0 0.0 -1.0 "depot"
1 0.0 3.5 "product"
2 0.0 7.75 "product"
3 0.0 2.5 "intersection"
4 0.0 -1.0 "depot"
"""

SAMPLES = {"tour": TOUR, "batches": BATCHES, "trolleys": TROLLEYS, "deadlines": DEADLINES}
